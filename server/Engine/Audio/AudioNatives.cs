using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OscLooper.Server.Audio;

/// <summary>[any] Finds the audio and MIDI libraries under the file names of each system.</summary>
static class AudioNatives
{
    // One resolver per assembly is all the runtime allows, so every library of the server is listed here.
    static readonly Dictionary<string, string[]> files = new()
    {
        ["jack"] = ["libjack.so.0", "libjack64.dll", "libjack.0.dylib"],
        ["portaudio"] = ["libportaudio.so.2", "portaudio.dll", "libportaudio-2.dll", "portaudio_x64.dll", "libportaudio.2.dylib"],
        ["rtmidi"] = ["librtmidi.so.6", "rtmidi.dll", "librtmidi.dylib"],
    };

    static readonly string[] folders = ["", "/opt/homebrew/lib/", "/usr/local/lib/"];

    [ModuleInitializer]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(AudioNatives).Assembly, Resolve);

    /// <summary>[main] True when the library can be loaded.</summary>
    internal static bool IsThere(string name) => Resolve(name, typeof(AudioNatives).Assembly, null) != 0;

    /// <summary>[main] Finds every native function of a type now, not at its first call on the audio side. (Marshal.PrelinkAll does so for public ones only.)</summary>
    internal static void Prelink(Type natives)
    {
        foreach (var method in natives.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            if ((method.Attributes & MethodAttributes.PinvokeImpl) != 0) Marshal.Prelink(method);
    }

    static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (!files.TryGetValue(name, out var known)) return 0;
        foreach (var file in known)
            foreach (var folder in OperatingSystem.IsMacOS() ? folders : folders[..1])
                if (NativeLibrary.TryLoad(folder + file, assembly, path, out var handle)) return handle;
        return 0;
    }
}
