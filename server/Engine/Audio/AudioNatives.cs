using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OscLooper.Dsp.Native;

namespace OscLooper.Server.Audio;

/// <summary>[any] Finds the audio and MIDI libraries under the file names of each system.</summary>
static class AudioNatives
{
    // One resolver per assembly is all the runtime allows, so every library of the engine is listed here.
    static readonly Dictionary<string, string[]> files = new()
    {
        ["portaudio"] = ["libportaudio.so.2", "portaudio.dll", "libportaudio-2.dll", "portaudio_x64.dll", "libportaudio.2.dylib"],
        ["rtmidi"] = ["librtmidi.so.6", "rtmidi.dll", "librtmidi.dylib"],
    };

    [ModuleInitializer]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(AudioNatives).Assembly, Resolve);

    /// <summary>[main] True when the library can be loaded.</summary>
    internal static bool IsThere(string name) => Resolve(name, typeof(AudioNatives).Assembly, null) != 0;

    static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => files.TryGetValue(name, out var known) ? NativeFiles.Find(known, assembly, path) : 0;
}
