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

    static readonly string[] folders = ["", "/opt/homebrew/lib/", "/usr/local/lib/"];

    [ModuleInitializer]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(NativeNames).Assembly, Resolve);

    static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (!files.TryGetValue(name, out var known)) return 0;
        foreach (var file in known)
            foreach (var folder in OperatingSystem.IsMacOS() ? folders : folders[..1])
                if (NativeLibrary.TryLoad(folder + file, assembly, path, out var handle)) return handle;
        return 0;
    }
}
