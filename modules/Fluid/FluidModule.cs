using System.Runtime.InteropServices;
using OscLooper.Dsp;

namespace OscLooper.Fluid;

/// <summary>
/// [any] Plays SoundFonts by FluidSynth, notes in step with the sound: the library computes 64 frames of its own stream at a time, so a note
/// lands on the next multiple of 64 whatever the block. Without the library or a SoundFont it says so once and is silent.
/// </summary>
[Module("fluid", "Plays SoundFonts (General MIDI and others) by FluidSynth.", OnlyWhenNamed = true)]
public sealed unsafe class FluidModule : Module, IBackground
{
    const int Channels = 16, MostBank = 16383;
    const int BankSelect = 0, ProgramChange = 0xC0;

    readonly AudioSide audio;
    readonly Desk desk;
    readonly string wanted;
    readonly NotesIn notes;
    readonly AudioOut output;
    readonly Command note, program;
    readonly Parameter gain, polyphony, sounding, sound;
    readonly Errand soundFont, playing;
    readonly Handover<FontSynth> fonts = new(8);
    readonly int[] banks = new int[Channels];
    FontSynth? font, leaving, unreturned;
    float* left, right;
    int rate, maxFrames;
    Ramp gainRamp, leavingRamp;

    /// <summary>[main] Declares.</summary>
    public FluidModule(Branch at)
    {
        (audio, desk, wanted) = (at.Audio, at.Desk, at.Settings.SoundFont ?? "");
        notes = at.NotesIn("notes");
        output = at.AudioOut("out");
        soundFont = at.Setting("soundfont", Spec.Text, "The SoundFont to play: a file, or a name in the usual places; empty = the one of --soundfont, else of the usual places. What sounds is faded out.", Change);
        playing = at.Setting("playing", Spec.Text, "The SoundFont that plays; empty = none.", traits: Traits.ReadOnly);
        program = at.Command("program", "Gives a channel another sound.",
            Spec.Count(1, Channels, 1).Named("channel"), Spec.Count(0, 127).Named("program"), Spec.Count(0, MostBank).Named("bank").OrNothing());
        var channels = at.Rows("channel");
        sound = channels.Each.Parameter("program", [Spec.Count(0, 127).Named("program"), Spec.Count(0, MostBank).Named("bank").OrNothing()], "The sound of a MIDI channel, also when it was chosen by MIDI.");
        for (var n = 0; n < Channels; n++) channels.Add();
        note = at.Command("note", "A key: velocity 0..127, 0 lets go; channel 10 is drums in General MIDI.",
            Spec.Count(0, 127).Named("pitch"), Spec.Range(0, 127, 100).Named("velocity"), Spec.Count(1, Channels, 1).Named("channel").OrNothing());
        gain = at.Parameter("gain", Spec.Range(0, 4, 1), "Linear gain of all.");
        polyphony = at.Parameter("polyphony", Spec.Count(1, FontSynth.MostVoices, FontSynth.MostVoices), "Voices at most; when it sinks, what sounds is silenced.");
        sounding = at.Gauge("voices", Spec.Count(0, FontSynth.MostVoices), "Voices that sound.");
    }

    /// <summary>[main, frozen] Takes its memory and begins to load the first SoundFont; a render waits for it.</summary>
    public override void Prepare(AudioFormat format)
    {
        (rate, maxFrames) = (format.Rate, format.MaxFrames);
        Free();
        left = (float*)NativeMemory.AllocZeroed((nuint)Math.Max(maxFrames, 1024), sizeof(float));
        right = (float*)NativeMemory.AllocZeroed((nuint)Math.Max(maxFrames, 1024), sizeof(float));
        var curve = RaisedCosine.Rise(Math.Max(format.RampFrames, rate / 20));
        (gainRamp, leavingRamp) = (new(RaisedCosine.Rise(format.RampFrames), (float)gain.Value), new(curve, 0));
        if (!format.IsOffline)
        {
            Begin(wanted);
            return;
        }
        Take(Load(wanted));
        TakeFont(0);
    }

    bool Change(SettingChange change)
    {
        var why = "";
        var file = change.Text.Length == 0 ? wanted : SoundFonts.Named(change.Text) ?? desk.Resolve(change.Text, false, out why);
        if (file is { Length: > 0 } && !SoundFonts.IsOne(file)) (file, why) = (null, $"{change.Text} is no SoundFont");
        if (file is null)
        {
            change.Refuse(Reason.NotFound, why);
            return false;
        }
        Begin(file);
        return true;
    }

    void Begin(string file)
    {
        (FontSynth? Font, string Why) loaded = default;
        desk.OnWorker(() => loaded = Load(file), trouble => Take(trouble is null ? loaded : (null, trouble.Message)));
    }

    (FontSynth?, string Why) Load(string file)
    {
        if (!FluidCalls.IsThere) return (null, "silent: libfluidsynth is not installed (package libfluidsynth3)");
        if (file.Length == 0) file = SoundFonts.Usual() ?? "";
        if (file.Length == 0) return (null, "silent: there is no SoundFont in the usual places (package timgm6mb-soundfont or fluid-soundfont-gm, or --soundfont FILE)");
        try
        {
            return (FontSynth.Load(file, rate, out var why), why);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or BadImageFormatException)
        {
            return (null, $"silent: libfluidsynth does not work here: {e.Message}");
        }
    }

    void Take((FontSynth? Font, string Why) loaded)
    {
        if (loaded.Font is null) desk.Log(LogLevel.Warning, loaded.Why);
        else if (!fonts.Offer(loaded.Font)) loaded.Font.Dispose();
        else
        {
            var file = loaded.Font.File;
            desk.Post(() => desk.Publish(playing, -1, file));
        }
    }

    /// <summary>[worker] Takes apart what plays no longer.</summary>
    public void Work()
    {
        while (fonts.TryCollect(out var old)) old.Dispose();
    }

    /// <summary>[worker] Only when a SoundFont has come back.</summary>
    public double DueSeconds => double.PositiveInfinity;

    /// <summary>[audio] Keys and leaves.</summary>
    public override void Handle(in Event e)
    {
        if (e.Kind == EventKind.Panic) font?.Silence();
        else if (e.Is(note)) font?.Hear(NoteEvent.On, (int)e.C - 1, (int)e.A, e.B > 0 ? Math.Max(1, (int)Math.Round(e.B)) : 0);
        else if (e.Kind == EventKind.Note) Hear((int)e.A & 0xF0, (int)e.A & 15, (int)e.B & 127, (int)e.C & 127);
        else if (e.Is(program))
        {
            sound.Of((int)e.A - 1).SetFor(e, e.B, e.C);
            Choose((int)e.A - 1);
        }
        else if (e.Is(sound)) Choose(e.Row);
        else if (e.Is(gain)) gainRamp.Start(e.Frame, (float)gain.Value);
        else if (e.Is(polyphony)) font?.Limit((int)polyphony.Value, left, right);
    }

    void Hear(int kind, int channel, int first, int second)
    {
        // As the library does by itself (synth.midi-bank-select gs): controller 0 is the bank.
        if (kind == NoteEvent.Control && first == BankSelect) banks[channel] = second;
        else if (kind == ProgramChange) sound.Of(channel).Set(first, banks[channel]);
        font?.Hear(kind, channel, first, second);
    }

    void Choose(int channel) => font?.Choose(channel, (int)sound.Of(channel).Second, (int)sound.Of(channel).Value);

    /// <summary>[audio] Sounds, cut at the notes that come in.</summary>
    public override void Process(in Block block)
    {
        TakeFont(block.Frame);
        if (font is null || output.Lanes == 0) return;
        var done = 0;
        foreach (ref readonly var e in block.Notes(notes))
        {
            var at = (int)(e.Frame - block.Frame);
            if (at > done) font.Render(left + done, right + done, at - done);
            done = Math.Max(done, at);
            Hear(e.Kind, e.Channel, e.Pitch, e.Velocity);
        }
        if (block.Frames > done) font.Render(left + done, right + done, block.Frames - done);
        Add(block, gainRamp);
        if (leaving is not null) Leave(block);
        sounding.Put(font.Voices);
    }

    void TakeFont(long frame)
    {
        if (unreturned is not null && GiveBack(unreturned)) unreturned = null;
        // While one fades out, the next waits.
        if (leaving is not null || unreturned is not null || !fonts.TryTake(out var fresh)) return;
        leaving = font;
        font = fresh;
        leavingRamp.Start(frame, (float)gain.Value, 0);
        fresh.Limit((int)polyphony.Value, left, right);
        for (var channel = 0; channel < Channels; channel++)
            if (sound.Of(channel) is var chosen && (chosen.Value != 0 || chosen.Second != 0)) Choose(channel);
    }

    void Leave(in Block block)
    {
        leaving!.Render(left, right, block.Frames);
        Add(block, leavingRamp);
        if (leavingRamp.IsMoving(block.Frame + block.Frames)) return;
        if (!GiveBack(leaving)) unreturned = leaving;
        leaving = null;
    }

    bool GiveBack(FontSynth old)
    {
        if (!fonts.Return(old)) return false;
        audio.WakeBackground();
        return true;
    }

    void Add(in Block block, in Ramp ramp)
    {
        var l = new ReadOnlySpan<float>(left, block.Frames);
        var r = new ReadOnlySpan<float>(right, block.Frames);
        if (output.Lanes > 1)
        {
            Mix.AddRamped(block.Out(output, 0), l, ramp, block.Frame);
            Mix.AddRamped(block.Out(output, 1), r, ramp, block.Frame);
            return;
        }
        var mono = block.Out(output, 0);
        for (var n = 0; n < mono.Length; n++) mono[n] += (l[n] + r[n]) * 0.5f * ramp.At(block.Frame + n);
    }

    /// <summary>[main, frozen] Gives everything back.</summary>
    public override void Dispose()
    {
        Free();
        while (fonts.TryTake(out var waiting)) waiting.Dispose();
        while (fonts.TryCollect(out var old)) old.Dispose();
        foreach (var one in new[] { font, leaving, unreturned }) one?.Dispose();
        font = leaving = unreturned = null;
        base.Dispose();
    }

    void Free()
    {
        NativeMemory.Free(left);
        NativeMemory.Free(right);
        left = right = null;
    }
}
