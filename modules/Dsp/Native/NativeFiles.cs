using System.Reflection;
using System.Runtime.InteropServices;

namespace OscLooper.Dsp.Native;

/// <summary>[any] Native libraries: where their files are, and their functions before they are needed.</summary>
public static class NativeFiles
{
    static readonly string[] folders = ["", "/opt/homebrew/lib/", "/usr/local/lib/"];

    /// <summary>[main] The handle of the first of these files that can be loaded, on macOS also from where its package managers put it; 0 when there is none.</summary>
    public static nint Find(IEnumerable<string> files, Assembly assembly, DllImportSearchPath? path = null)
    {
        foreach (var file in files)
            foreach (var folder in OperatingSystem.IsMacOS() ? folders : folders[..1])
                if (NativeLibrary.TryLoad(folder + file, assembly, path, out var handle)) return handle;
        return 0;
    }

    /// <summary>[main] Finds every native function of a type now, not at its first call on the audio side. (Marshal.PrelinkAll does so for public ones only.)</summary>
    public static void Prelink(Type natives)
    {
        foreach (var method in natives.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            if ((method.Attributes & MethodAttributes.PinvokeImpl) != 0) Marshal.Prelink(method);
    }
}
