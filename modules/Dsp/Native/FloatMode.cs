using System.Runtime.InteropServices;

namespace OscLooper.Dsp.Native;

/// <summary>The floating point environment of C (fenv.h) and its Windows counterpart.</summary>
[NativeCalls("libc", NativeCallers.Any)]
static unsafe partial class FloatMode
{
    [LibraryImport("m")]
    internal static partial int fegetenv(void* environment);

    [LibraryImport("m")]
    internal static partial int fesetenv(void* environment);

    [LibraryImport("ucrt")]
    internal static partial int _controlfp_s(uint* current, uint value, uint mask);
}
