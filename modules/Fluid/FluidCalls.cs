using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OscLooper.Dsp.Native;

namespace OscLooper.Fluid;

/// <summary>
/// [any] The part of libfluidsynth that is used (fluidsynth.h, version 2). Those that the audio side calls do not wait: the synth's
/// own lock is never held by another thread, because nobody else touches a synth that plays.
/// </summary>
[NativeCalls("fluidsynth", NativeCallers.OnePerHandle)]
static unsafe partial class FluidCalls
{
    static readonly string[] files = ["libfluidsynth.so.3", "libfluidsynth-3.dll", "fluidsynth-3.dll", "libfluidsynth.3.dylib"];

    [ModuleInitializer]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(FluidCalls).Assembly, (name, assembly, path) => name == "fluidsynth" ? Find() : 0);

    /// <summary>[main] True when the library can be loaded.</summary>
    internal static bool IsThere => Find() != 0;

    /// <summary>[worker] Finds every function now, not at its first call on the audio side.</summary>
    internal static void Prelink() => NativeFiles.Prelink(typeof(FluidCalls));

    static nint Find() => NativeFiles.Find(files, typeof(FluidCalls).Assembly);

    [LibraryImport("fluidsynth")] internal static partial nint new_fluid_settings();
    [LibraryImport("fluidsynth")] internal static partial void delete_fluid_settings(nint settings);
    [LibraryImport("fluidsynth", StringMarshalling = StringMarshalling.Utf8)] internal static partial int fluid_settings_setnum(nint settings, string name, double value);
    [LibraryImport("fluidsynth", StringMarshalling = StringMarshalling.Utf8)] internal static partial int fluid_settings_setint(nint settings, string name, int value);
    [LibraryImport("fluidsynth")] internal static partial nint fluid_set_log_function(int level, nint function, nint data);
    [LibraryImport("fluidsynth")] internal static partial nint new_fluid_synth(nint settings);
    [LibraryImport("fluidsynth")] internal static partial void delete_fluid_synth(nint synth);
    [LibraryImport("fluidsynth", StringMarshalling = StringMarshalling.Utf8)] internal static partial int fluid_synth_sfload(nint synth, string file, int resetPresets);
    [LibraryImport("fluidsynth"), AudioSafe] internal static partial int fluid_synth_set_polyphony(nint synth, int voices);
    [LibraryImport("fluidsynth"), AudioSafe] internal static partial int fluid_synth_get_active_voice_count(nint synth);
    [LibraryImport("fluidsynth"), AudioSafe] internal static partial int fluid_synth_noteon(nint synth, int channel, int key, int velocity);
    [LibraryImport("fluidsynth"), AudioSafe] internal static partial int fluid_synth_noteoff(nint synth, int channel, int key);
    [LibraryImport("fluidsynth"), AudioSafe] internal static partial int fluid_synth_key_pressure(nint synth, int channel, int key, int value);
    [LibraryImport("fluidsynth"), AudioSafe] internal static partial int fluid_synth_cc(nint synth, int channel, int number, int value);
    [LibraryImport("fluidsynth"), AudioSafe] internal static partial int fluid_synth_program_change(nint synth, int channel, int program);
    [LibraryImport("fluidsynth"), AudioSafe] internal static partial int fluid_synth_bank_select(nint synth, int channel, int bank);
    [LibraryImport("fluidsynth"), AudioSafe] internal static partial int fluid_synth_channel_pressure(nint synth, int channel, int value);
    [LibraryImport("fluidsynth"), AudioSafe] internal static partial int fluid_synth_pitch_bend(nint synth, int channel, int value);
    [LibraryImport("fluidsynth"), AudioSafe] internal static partial int fluid_synth_all_sounds_off(nint synth, int channel);
    [LibraryImport("fluidsynth"), AudioSafe] internal static partial int fluid_synth_write_float(nint synth, int frames, float* left, int leftOffset, int leftStep, float* right, int rightOffset, int rightStep);
}
