namespace OscLooper.Fluid;

/// <summary>[any] One synth of the library with its SoundFont: made on a worker, played by the audio side, taken apart by main.</summary>
sealed unsafe class FontSynth : IDisposable
{
    /// <summary>[any] Voices for which memory is taken.</summary>
    internal const int MostVoices = 256;
    // The library's own default is 0.2, made for orchestras; this is as loud as the built-in synth.
    const double LibraryGain = 0.5;
    const int BlockFrames = 64;
    const int LogLevels = 5, HighestRate = 96000;

    // The library sets itself up with the first settings and the first synth, and does not guard that.
    static readonly Lock making = new();

    readonly nint settings;
    nint synth;
    int limit = MostVoices;

    FontSynth(nint settings, nint synth, string file) => (this.settings, this.synth, File) = (settings, synth, file);

    /// <summary>[any] The SoundFont that it plays.</summary>
    internal string File { get; }

    /// <summary>[worker] A synth with this SoundFont; null and why when that cannot be.</summary>
    internal static FontSynth? Load(string file, int rate, out string why)
    {
        why = $"FluidSynth plays up to {HighestRate} Hz, not {rate}";
        if (rate > HighestRate) return null;
        why = $"{file} is no SoundFont";
        // The library opens by name: on Linux it is given that of the open file, so that nothing else can have taken its place meanwhile (a pipe would never answer).
        using var opened = SoundFonts.Open(file);
        if (opened is null) return null;
        var name = OperatingSystem.IsLinux() ? $"/proc/self/fd/{opened.SafeFileHandle.DangerousGetHandle()}" : file;
        FluidCalls.Prelink();
        FontSynth made;
        lock (making)
        {
            var settings = FluidCalls.new_fluid_settings();
            // After the settings, which set the log up: its lines would be written from the audio side.
            for (var level = 0; level < LogLevels; level++) FluidCalls.fluid_set_log_function(level, 0, 0);
            FluidCalls.fluid_settings_setnum(settings, "synth.sample-rate", rate);
            FluidCalls.fluid_settings_setnum(settings, "synth.gain", LibraryGain);
            FluidCalls.fluid_settings_setint(settings, "synth.polyphony", MostVoices);
            FluidCalls.fluid_settings_setint(settings, "synth.cpu-cores", 1);
            made = new FontSynth(settings, FluidCalls.new_fluid_synth(settings), file);
        }
        why = $"FluidSynth does not take {file}";
        if (made.synth != 0 && FluidCalls.fluid_synth_sfload(made.synth, name, 1) >= 0) return made;
        made.Dispose();
        return null;
    }

    /// <summary>[audio] A message of a channel.</summary>
    internal void Hear(int kind, int channel, int first, int second)
    {
        switch (kind)
        {
            case NoteEvent.On when second > 0: FluidCalls.fluid_synth_noteon(synth, channel, first, second); break;
            case NoteEvent.On or NoteEvent.Off: FluidCalls.fluid_synth_noteoff(synth, channel, first); break;
            case NoteEvent.PolyPressure: FluidCalls.fluid_synth_key_pressure(synth, channel, first, second); break;
            case NoteEvent.Control: FluidCalls.fluid_synth_cc(synth, channel, first, second); break;
            case 0xC0: FluidCalls.fluid_synth_program_change(synth, channel, first); break;
            case 0xD0: FluidCalls.fluid_synth_channel_pressure(synth, channel, first); break;
            case NoteEvent.Bend: FluidCalls.fluid_synth_pitch_bend(synth, channel, second << 7 | first); break;
        }
    }

    /// <summary>[audio] Bank and program of a channel.</summary>
    internal void Choose(int channel, int bank, int program)
    {
        FluidCalls.fluid_synth_bank_select(synth, channel, bank);
        FluidCalls.fluid_synth_program_change(synth, channel, program);
    }

    /// <summary>[audio] Never more voices than so many.</summary>
    internal void Limit(int voices, float* left, float* right)
    {
        // Voices beyond the limit would neither get a note-off nor ever end (seen in 2.3.1): nothing may sound while it sinks.
        // They end within two of the library's blocks, whose sound nobody hears.
        if (voices < limit && Voices > 0)
        {
            Silence();
            Render(left, right, 2 * BlockFrames);
        }
        limit = voices;
        FluidCalls.fluid_synth_set_polyphony(synth, voices);
    }

    /// <summary>[audio] Silent at once.</summary>
    internal void Silence() => FluidCalls.fluid_synth_all_sounds_off(synth, -1);

    /// <summary>[audio] Voices that sound.</summary>
    internal int Voices => FluidCalls.fluid_synth_get_active_voice_count(synth);

    /// <summary>[audio] The next frames.</summary>
    internal void Render(float* left, float* right, int frames) => FluidCalls.fluid_synth_write_float(synth, frames, left, 0, 1, right, 0, 1);

    /// <summary>[main, frozen] Gives all back.</summary>
    public void Dispose()
    {
        if (synth != 0) FluidCalls.delete_fluid_synth(synth);
        synth = 0;
        FluidCalls.delete_fluid_settings(settings);
    }
}
