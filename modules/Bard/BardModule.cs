namespace OscLooper.Bard;

/// <summary>[any] Directs the notes: ports in, stages, ports out; never a stuck note.</summary>
[Module("bard", "Directs the notes: transpose, scale, chord, arpeggio, drums, arrangements.")]
public sealed class BardModule : Module, IPersist
{
    readonly AudioSide audio;
    readonly NotesIn[] inputs = new NotesIn[Performer.Sources];
    readonly NotesOut[] outputs = new NotesOut[Ledger.Outputs];
    readonly NoteEvent[] incoming = GC.AllocateArray<NoteEvent>(Performer.Sources * 4096, pinned: true);
    readonly SharedStages stages = new();
    readonly Performer performer;
    readonly Arrangement usual;
    readonly Handover<Arrangement> arrangements = new();
    readonly BardMemory memory = new();
    readonly ArpLeaves arp;
    readonly DrumLeaves drum;
    readonly Command note, panic;
    readonly Parameter transpose, transposeMode, root, quantize, keySignature, curve, fixedVelocity, low, high, sounding, metronome, secondCount;
    readonly Errand scale, chord, learnChord, arrangement;
    readonly Desk desk;
    bool isShown;

    /// <summary>[main] Declares.</summary>
    public BardModule(Branch at)
    {
        (audio, desk, performer) = (at.Audio, at.Desk, stages.Performer);
        usual = performer.Arrangement;
        for (var i = 0; i < inputs.Length; i++) inputs[i] = at.NotesIn($"in/{i + 1}");
        for (var i = 0; i < outputs.Length; i++) outputs[i] = at.NotesOut($"out/{i + 1}");
        note = at.Command("note", "A key of a player: velocity 0..127, 0 lets go. Every source has keys of its own.",
            Spec.Count(0, 127).Named("pitch"), Spec.Range(0, 127, 100).Named("velocity"), Spec.Count(1, Performer.Sources, 1).Named("source").OrNothing());
        transpose = at.Parameter("transpose", Spec.Range(-60, 60, 0, "semitones") with { Whole = true }, "Up or down, from the next note on; drums stay.");
        transposeMode = at.Parameter("transpose_mode", Spec.Choice("next_note", "retrigger"), "What a change of transpose, scale, chord or key signature does to keys that are held: nothing until they are struck again, or they sound anew as it is now.");
        root = at.Parameter("root", Spec.Count(0, 11), "Root of the scale, semitones above C.");
        scale = at.Setting("scale", Spec.Text with { InitialText = "major" }, "The scale by name (92 are known), or its semitones, e.g. \"0 2 4 7 9\"; it is heard when quantize is not off.", SetScale);
        quantize = at.Parameter("quantize", Spec.Choice("off", "nearest", "down", "up", "filter", "degrees"), "How notes outside the scale find into it; degrees: white keys are its degrees.");
        chord = at.Setting("chord", Spec.Text, "Several notes from one key: a chord by name or symbol (107 are known), or its semitones, e.g. \"0 4 7\"; empty = off.", SetChord);
        learnChord = at.Job("learn_chord", [], "The keys that are held now become the chord, counted from the lowest; /done carries its semitones.", LearnChord);
        keySignature = at.Parameter("key_signature", Spec.Count(-6, 6), "Flats (below 0) or sharps that white keys take; 0 = none.");
        var velocity = at.Child("velocity");
        curve = velocity.Parameter("curve", Spec.Range(0.1, 10, 1), "Below 1 = soft keys sound louder, above 1 = softer.");
        fixedVelocity = velocity.Parameter("fixed", Spec.Count(0, 127), "Every key alike; 0 = off.");
        low = velocity.Parameter("low", Spec.Count(0, 127), "What the softest key becomes.");
        high = velocity.Parameter("high", Spec.Count(0, 127, 127), "What the hardest key becomes.");
        arp = new ArpLeaves(at.Child("arp"));
        drum = new DrumLeaves(at.Child("drum"));
        metronome = at.Parameter("metronome/on", Spec.Switch(), "1 clicks on every beat, on MIDI channel 10.");
        secondCount = at.Parameter("metronome/second", Spec.Count(0, 64), "A second count over the same bar, e.g. 3 against 4; 0 = none.");
        arrangement = at.Job("arrangement", [Spec.Text.UpTo(ArrangementReader.MostText).Named("json")], "Takes another arrangement: which stages the notes of each source go through; refused as a whole when anything is wrong.", Arrange);
        panic = at.Command("panic", "Every note ends, also what was to come; pedals and bends are lifted.");
        sounding = at.Gauge("sounding", Spec.Count(0, int.MaxValue), "Notes now on.");
        stages.Quantize.Mask = (int)Words.ScaleMask("major")!;
    }

    static bool Refuse(SettingChange change, string detail)
    {
        change.Refuse(Reason.NotFound, detail);
        return false;
    }

    static bool SetScale(SettingChange change)
    {
        if (Words.ScaleMask(change.Text) is not { } mask) return Refuse(change, $"no scale is called \"{change.Text}\"");
        change.Tell(mask);
        return true;
    }

    static bool SetChord(SettingChange change)
    {
        var mask = change.Text is "" or "off" ? 1 : Words.ChordMask(change.Text);
        if (mask is null) return Refuse(change, $"no chord is called \"{change.Text}\"");
        change.Tell(mask.Value);
        return true;
    }

    void LearnChord(JobCall call) => call.Ask(answer =>
    {
        var mask = (long)answer.B;
        if (mask == 0)
        {
            call.Fail(Reason.Refused, "no key is held");
            return;
        }
        var text = string.Join(' ', Enumerable.Range(0, Words.ChordRange).Where(n => (mask >> n & 1) != 0));
        desk.Publish(chord, -1, text);
        call.Done(text);
    });

    void Arrange(JobCall call)
    {
        while (arrangements.TryCollect(out _)) { }
        if (ArrangementReader.Read(call.Text(0), stages.Drum, stages.Steppers, out var why) is not { } fresh) call.Fail(Reason.Refused, why);
        else if (!arrangements.Offer(fresh)) call.Fail(Reason.Busy, "earlier arrangements still wait");
        else
        {
            memory.Arrangement = call.Text(0);
            call.Ask(_ => call.Done());
        }
    }

    /// <summary>[worker] Drum patterns and arrangement.</summary>
    public void Save(DirectoryInfo folder) => memory.Save(folder, stages.Drum, stages.Arp);

    /// <summary>[worker] They come back at the next block.</summary>
    public void Load(DirectoryInfo folder, int version)
    {
        memory.Load(folder, stages.Drum, stages.Steppers);
        audio.WakeProcess();
    }

    // What was loaded takes its place; what it replaces goes back to be collected.
    void TakeRestored(long frame)
    {
        if (memory.TakeDrum(out var contents)) drum.Take(contents, stages.Drum);
        if (memory.TakeArp(out var patterns)) arp.Take(patterns, stages.Arp);
        if (memory.TakeArrangement(out var fresh)) memory.Return(performer.Take(fresh, frame));
    }

    /// <summary>[main, frozen] Takes the engine's transport.</summary>
    public override void Prepare(AudioFormat format) => performer.Transport = audio.Transport;

    /// <summary>[audio] Commands and settings at their frame.</summary>
    public override void Handle(in Event e)
    {
        var before = Pitches;
        Carry(e);
        if (transposeMode.Value != 0 && Pitches != before) performer.Retrigger(audio.Frame);
    }

    // All that decides which pitch a key plays.
    (int, int, int, QuantizeMode, long, int) Pitches =>
        (stages.Transpose.Semitones, stages.Quantize.Root, stages.Quantize.Mask, stages.Quantize.Mode, stages.Chord.Mask, stages.KeySignature.Key);

    void Carry(in Event e)
    {
        if (e.Kind == EventKind.Panic || e.Is(panic)) performer.Panic(audio.Frame);
        else if (e.Kind == EventKind.Note) performer.Hear(e.Frame, 0, (int)e.A & 0xFF, (int)e.B & 127, (int)e.C & 127);
        else if (e.Is(note)) performer.Hear(e.Frame, (int)e.C - 1, NoteEvent.On, (int)e.A, e.B > 0 ? Math.Max(1, (int)Math.Round(e.B)) : 0);
        else if (e.Is(transpose)) stages.Transpose.Semitones = (int)transpose.Value;
        else if (e.Is(root)) stages.Quantize.Root = (int)root.Value;
        else if (e.Is(scale)) stages.Quantize.Mask = (int)e.B;
        else if (e.Is(quantize)) stages.Quantize.Mode = (QuantizeMode)(int)quantize.Value;
        else if (e.Is(chord)) stages.Chord.Mask = (long)e.B;
        else if (e.Is(learnChord)) TakeChord(e);
        else if (e.Is(keySignature)) stages.KeySignature.Key = (int)keySignature.Value;
        else if (e.Is(curve)) stages.Velocity.Curve = curve.Value;
        else if (e.Is(fixedVelocity)) stages.Velocity.Fixed = (int)fixedVelocity.Value;
        else if (e.Is(low)) stages.Velocity.Low = (int)low.Value;
        else if (e.Is(high)) stages.Velocity.High = (int)high.Value;
        else if (e.Is(metronome)) stages.Metronome.IsOn = metronome.IsOn;
        else if (e.Is(secondCount)) stages.Metronome.Second = (int)secondCount.Value;
        else if (e.Is(arrangement)) TakeArrangement(e);
        else if (!arp.Handle(e, stages.Arp, performer)) drum.Handle(e, stages.Drum, performer);
    }

    void TakeChord(in Event e)
    {
        var held = performer.HeldChord();
        if (held != 0) stages.Chord.Mask = held;
        audio.Answer(e, held);
    }

    void TakeArrangement(in Event e)
    {
        if (arrangements.TryTake(out var fresh)) arrangements.Return(performer.Take(fresh, e.Frame));
        audio.Answer(e);
    }

    /// <summary>[audio] Players and clock in step, frame by frame, and out.</summary>
    public override void Process(in Block block)
    {
        if (!isShown) drum.Show(stages.Drum);
        isShown = true;
        TakeRestored(block.Frame);
        performer.Begin(block.Transport, block.Frame);
        var count = Gather(block);
        for (var i = 0; i < count; i++)
        {
            ref readonly var e = ref incoming[i];
            performer.RunUntil(e.Frame);
            performer.Hear(e.Frame, e.Source, e.Status, e.Pitch, e.Velocity);
        }
        performer.RunUntil(block.Frame + block.Frames);
        foreach (ref readonly var e in performer.Ledger.Sent) block.Send(outputs[e.Output], e.Frame, e.Status, e.First, e.Second);
        performer.Ledger.Clear();
        sounding.Put(performer.Ledger.Sounding);
    }

    /// <summary>[audio] No key is down or sounds, nothing is to come, and no clock makes notes. Where the steps are is found from the grid when a clock is switched on.</summary>
    public override bool IsIdle => performer.IsStill && stages.Arp is { IsOn: false, IsRecording: false } && !stages.Drum.IsOn && !stages.Metronome.IsOn && performer.Arrangement == usual;

    /// <summary>[audio] All ports' events in one row, by frame, among equals by port. What comes through one port is one source.</summary>
    int Gather(in Block block)
    {
        var count = 0;
        for (var port = 0; port < inputs.Length; port++)
        {
            var fresh = block.Notes(inputs[port]);
            // From the back: the later of both goes last, so nothing is moved twice.
            var (old, left) = (count - 1, fresh.Length - 1);
            count += fresh.Length;
            for (var place = count - 1; left >= 0; place--)
                incoming[place] = old >= 0 && incoming[old].Frame > fresh[left].Frame ? incoming[old--] : fresh[left--] with { Source = (byte)port };
        }
        return count;
    }
}
