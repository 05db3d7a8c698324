using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OscLooper.Dsp.Native;

/// <summary>Finds the native libraries under the file names of each system.</summary>
static class NativeNames
{
    // One resolver per assembly is all the runtime allows, so every library of Dsp is listed here.
    static readonly Dictionary<string, string[]> files = new()
    {
        ["c"] = ["libc.so.6", "libSystem.dylib", "libc.so"],
        ["m"] = ["libm.so.6", "libSystem.dylib", "libc.so"],
        ["ucrt"] = ["ucrtbase.dll"],
        ["sndfile"] = ["libsndfile.so.1", "libsndfile.1.dylib", "sndfile.dll", "libsndfile-1.dll"],
    };

    [ModuleInitializer]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(NativeNames).Assembly, Resolve);

    static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => files.TryGetValue(name, out var known) ? NativeFiles.Find(known, assembly, path) : 0;
}
