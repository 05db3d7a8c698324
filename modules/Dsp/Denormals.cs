using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OscLooper.Dsp.Native;

namespace OscLooper.Dsp;

/// <summary>[any] Numbers too small to hear cost a hundred times as much to compute; here they are switched off.</summary>
public static unsafe class Denormals
{
    const uint FlushAndZero = 0x8040;          // MXCSR: FTZ (bit 15) and DAZ (bit 6)
    const uint FlushToZero = 1u << 24;         // FPCR.FZ of arm64, in and out
    const uint FlushMask = 0x03000000;         // _MCW_DN of Windows
    const uint Flush = 0x01000000;             // _DN_FLUSH

    /// <summary>[any] True where the calling thread takes denormals for 0: asked by arithmetic, not of the system.</summary>
    public static bool AreOff => Product(0x00800000, 0.5f) == 0 && Product(0x00010000, 1e10f) == 0;

    /// <summary>[any] Switches them off for the calling thread, first thing it does; false where that is not possible.</summary>
    public static bool Off()
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                uint current;
                FloatMode._controlfp_s(&current, Flush, FlushMask);
            }
            else SetEnvironment();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return false;
        }
        return AreOff;
    }

    // Not inlined, or the compiler would do the arithmetic itself; as bits, since a compiler that runs in this mode turns a
    // denormal constant into 0 and the question would answer itself. The bits are the smallest normal number and a denormal.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)]
    static float Product(int bits, float factor) => BitConverter.Int32BitsToSingle(bits) * factor;

    static void SetEnvironment()
    {
        // Larger than any fenv_t, so that an unknown layout cannot write past it.
        var environment = stackalloc byte[256];
        if (FloatMode.fegetenv(environment) != 0) return;

        switch (RuntimeInformation.ProcessArchitecture)
        {
            case Architecture.X64:             // glibc and musl: mxcsr at byte 28; macOS: at byte 4
                *(uint*)(environment + (OperatingSystem.IsMacOS() ? 4 : 28)) |= FlushAndZero;
                break;
            case Architecture.Arm64:           // glibc and musl: { fpcr, fpsr }; macOS: { u64 fpsr, u64 fpcr }
                *(uint*)(environment + (OperatingSystem.IsMacOS() ? 8 : 0)) |= FlushToZero;
                break;
            default:
                return;
        }
        FloatMode.fesetenv(environment);
    }
}
