using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OscLooper.Dsp.Native;

namespace OscLooper.Dsp;

/// <summary>
/// [any] Numbers too small to hear cost a hundred times as much to compute; here they are switched off: results that small become 0.
/// On x64 only results do (FTZ). Operands are left alone (DAZ): a compiler that runs on such a thread compares its constants with 0, and
/// loses those whose bits are a denormal float (Vector256.Create(127) became 0). What comes from outside is cleaned by <see cref="Samples"/>.
/// </summary>
public static unsafe class Denormals
{
    const uint FlushResults = 0x8000;          // MXCSR: FTZ (bit 15)
    const uint FlushToZero = 1u << 24;         // FPCR.FZ of arm64, in and out
    const uint WindowsMask = 0x03000000;       // _MCW_DN
    const uint WindowsResults = 0x03000000;    // _DN_SAVE_OPERANDS_FLUSH_RESULTS
    const uint WindowsFlush = 0x01000000;      // _DN_FLUSH: all that arm64 has

    /// <summary>[any] True where results of the calling thread that would be denormal are 0: asked by arithmetic, not of the system.</summary>
    public static bool AreOff => Product(0x00800000, 0.5f) == 0;

    /// <summary>[any] Switches them off for the calling thread; false where that is not possible.</summary>
    public static bool Off()
    {
        Exchange(Bits);
        return AreOff;
    }

    /// <summary>[any] Gives the calling thread a mode, and the one that it had before: <see cref="Bits"/> = off, 0 = on.</summary>
    public static uint Exchange(uint mode)
    {
        try
        {
            return OperatingSystem.IsWindows() ? ExchangeOnWindows(mode) : ExchangeEnvironment(mode);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return mode;
        }
    }

    /// <summary>[any] What <see cref="Exchange"/> takes for off, on this processor.</summary>
    public static uint Bits => (OperatingSystem.IsWindows(), RuntimeInformation.ProcessArchitecture) switch
    {
        (true, Architecture.X64) => WindowsResults,
        (true, _) => WindowsFlush,
        (_, Architecture.X64) => FlushResults,
        (_, Architecture.Arm64) => FlushToZero,
        _ => 0,
    };

    // Not inlined, or the compiler would do the arithmetic itself; as bits, so that
    // no compiler in whatever mode does it. The bits are the smallest normal number.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)]
    static float Product(int bits, float factor) => BitConverter.Int32BitsToSingle(bits) * factor;

    static uint ExchangeOnWindows(uint mode)
    {
        uint before, after;
        FloatMode._controlfp_s(&before, 0, 0);
        FloatMode._controlfp_s(&after, mode, WindowsMask);
        return before & WindowsMask;
    }

    static uint ExchangeEnvironment(uint mode)
    {
        // Larger than any fenv_t, so that an unknown layout cannot write past it.
        var environment = stackalloc byte[256];
        if (Bits == 0 || FloatMode.fegetenv(environment) != 0) return mode;

        // x64: glibc and musl: mxcsr at byte 28; macOS: at byte 4. arm64: glibc and musl: { fpcr, fpsr }; macOS: { u64 fpsr, u64 fpcr }.
        var place = (RuntimeInformation.ProcessArchitecture, OperatingSystem.IsMacOS()) switch
        {
            (Architecture.X64, false) => 28,
            (Architecture.X64, true) => 4,
            (_, true) => 8,
            _ => 0,
        };
        var control = (uint*)(environment + place);
        var before = *control & Bits;
        if (before == mode) return before;
        *control = (*control & ~Bits) | mode;
        FloatMode.fesetenv(environment);
        return before;
    }
}
