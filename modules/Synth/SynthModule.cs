using OscLooper.Dsp;

namespace OscLooper.Synth;

/// <summary>[any] A polyphonic subtractive synth, and a drum kit on MIDI channel 10; no file, no library.</summary>
[Module("synth", "A synth and a drum kit that sound at once, without any file.")]
public sealed class SynthModule : Module
{
    const float VoiceLevel = 0.34f, DrumLevel = 0.8f, DrumsInRoom = 0.3f;
    const double RoomSeconds = 4;   // by then its tail is 200 dB down

    readonly AudioSide audio;
    readonly NotesIn notes;
    readonly AudioOut output;
    readonly SynthLeaves leaves;
    readonly Command note;
    readonly Parameter gain, drumLevel, polyphony, sounding;
    readonly Voices voices = new();
    int quietTicks, mostQuietTicks;
    bool isIdle;
    SoundState sound = new(48000);
    DrumKit drums = new(48000);
    Room? room;
    Ramp gainRamp, levelRamp, drumRamp, roomRamp;

    /// <summary>[main] Declares.</summary>
    public SynthModule(Branch at)
    {
        audio = at.Audio;
        notes = at.NotesIn("notes");
        output = at.AudioOut("out");
        note = at.Command("note", "A key: velocity 0..127, 0 lets go; channel 10 is the drum kit (keys as in General MIDI).",
            Spec.Count(0, 127).Named("pitch"), Spec.Range(0, 127, 100).Named("velocity"), Spec.Count(1, 16, 1).Named("channel").OrNothing());
        leaves = new SynthLeaves(at);
        gain = at.Parameter("gain", Spec.Range(0, 4, 1), "Linear gain of all.");
        drumLevel = at.Parameter("drums", Spec.Range(0, 4, 1), "Linear gain of the drum kit.");
        polyphony = at.Parameter("polyphony", Spec.Count(1, Voices.Most, 32), "Voices at most; then the one missed least is taken.");
        sounding = at.Gauge("voices", Spec.Count(0, Voices.Most + 64), "Voices that sound.");
    }

    /// <summary>[main, frozen] Everything for this rate.</summary>
    public override void Prepare(AudioFormat format)
    {
        room?.Dispose();
        (sound, drums, room) = (new(format.Rate), new(format.Rate), new(format.Rate));
        var curve = RaisedCosine.Rise(format.RampFrames);
        (gainRamp, levelRamp) = (new(curve, (float)gain.Value), new(curve, leaves.Level));
        (drumRamp, roomRamp) = (new(curve, (float)drumLevel.Value), new(curve, leaves.Room));
        sound.Set(leaves.Now);
        quietTicks = mostQuietTicks = (int)(RoomSeconds * format.Rate / VoiceGroup.ControlFrames);
    }

    /// <summary>[audio] Keys and leaves at their frame.</summary>
    public override void Handle(in Event e)
    {
        Resume(e.Frame);
        if (e.Kind == EventKind.Panic)
        {
            voices.Silence();
            drums.Silence();
            room!.Silence();
        }
        else if (e.Is(note)) Hear(0, (int)e.C - 1, e.B > 0 ? NoteEvent.On : NoteEvent.Off, (int)e.A, Math.Max(1, (int)Math.Round(e.B)));
        else if (e.Kind == EventKind.Note) Hear(0, (int)e.A & 15, (int)e.A & 0xF0, (int)e.B & 127, (int)e.C & 127);
        else if (e.Is(gain)) gainRamp.Start(e.Frame, (float)gain.Value);
        else if (e.Is(drumLevel)) drumRamp.Start(e.Frame, (float)drumLevel.Value);
        else if (e.Is(polyphony)) voices.Polyphony = (int)polyphony.Value;
        else if (leaves.Handle(e))
        {
            sound.Set(leaves.Now);
            if (leaves.Room != roomRamp.Target) roomRamp.Start(e.Frame, leaves.Room);
            if (leaves.Level != levelRamp.Target) levelRamp.Start(e.Frame, leaves.Level);
        }
    }

    /// <summary>[audio] Nothing sounds or rings, nothing glides.</summary>
    public override bool IsIdle => isIdle;

    // Ticks that it was not called for have changed only what can be found from the frame.
    void Resume(long frame)
    {
        if (isIdle && frame > 0) sound.Vibrate(frame - 1 & -VoiceGroup.ControlFrames);
        isIdle = false;
    }

    void Hear(int source, int channel, int kind, int first, int second)
    {
        if (kind == NoteEvent.On) quietTicks = 0;
        if (kind == NoteEvent.Off || (kind == NoteEvent.On && second == 0)) voices.Off(sound, source, channel, first);
        else if (kind == NoteEvent.On && channel == DrumKit.Channel) drums.Hit(first, second);
        else if (kind == NoteEvent.On) voices.On(sound, source, channel, first, second);
        else if (kind == NoteEvent.Control) voices.Control(sound, channel, first, second);
        else if (kind == NoteEvent.Bend) voices.Bend(channel, second << 7 | first);
    }

    /// <summary>[audio] Sounds, cut at the notes that come in and at the control ticks, which lie on absolute frames.</summary>
    public override void Process(in Block block)
    {
        Resume(block.Frame);
        if (output.Lanes == 0) return;
        var left = block.Out(output, 0);
        var right = block.Out(output, Math.Min(1, output.Lanes - 1));
        var done = 0;
        foreach (ref readonly var e in block.Notes(notes))
        {
            var at = (int)(e.Frame - block.Frame);
            Render(block.Frame, left, right, done, at);
            done = at;
            Hear(e.Source + 1, e.Channel, e.Kind, e.Pitch, e.Velocity);
        }
        Render(block.Frame, left, right, done, block.Frames);
        sounding.Put(voices.Sounding + drums.Sounding);
        isIdle = quietTicks >= mostQuietTicks && !voices.IsActive && !drums.IsActive && sound.IsStill;
    }

    void Render(long frame, Span<float> left, Span<float> right, int from, int until)
    {
        Span<float> l = stackalloc float[VoiceGroup.ControlFrames], r = stackalloc float[VoiceGroup.ControlFrames];
        Span<float> dl = stackalloc float[VoiceGroup.ControlFrames], dr = stackalloc float[VoiceGroup.ControlFrames], sends = stackalloc float[VoiceGroup.ControlFrames];
        for (var at = from; at < until;)
        {
            var phase = (int)((frame + at) & (VoiceGroup.ControlFrames - 1));
            if (phase == 0)
            {
                sound.Tick(frame + at);
                voices.Tick(sound);
                Rest();
            }
            var count = Math.Min(VoiceGroup.ControlFrames - phase, until - at);
            if (quietTicks >= mostQuietTicks)
            {
                at += count;
                continue;
            }
            l.Clear();
            r.Clear();
            dl.Clear();
            dr.Clear();
            voices.Render(sound, l[..count], r[..count]);
            drums.Render(dl[..count], dr[..count]);
            for (var n = 0; n < count; n++)
            {
                var drum = DrumLevel * drumRamp.At(frame + at + n);
                var voice = VoiceLevel * levelRamp.At(frame + at + n);
                sends[n] = (l[n] + r[n]) * voice + (dl[n] + dr[n]) * drum * DrumsInRoom;
                l[n] = l[n] * voice + dl[n] * drum;
                r[n] = r[n] * voice + dr[n] * drum;
            }
            room!.Render(sends[..count], l[..count], r[..count], roomRamp.At(frame + at - phase));
            for (var n = 0; n < count; n++)
            {
                var loud = gainRamp.At(frame + at + n);
                if (output.Lanes == 1) left[at + n] += Soften((l[n] + r[n]) * 0.5f * loud);
                else
                {
                    left[at + n] += Soften(l[n] * loud);
                    right[at + n] += Soften(r[n] * loud);
                }
            }
            at += count;
        }
    }

    // When nothing has sounded for longer than the room rings, nothing is computed either.
    void Rest()
    {
        if (voices.IsActive || drums.IsActive) quietTicks = 0;
        else if (quietTicks < mostQuietTicks && ++quietTicks == mostQuietTicks) room!.Silence();
    }

    /// <summary>[audio] Nearly straight up to half, and never beyond 1: x (27 + x2) / (27 + 9 x2) is close to the hyperbolic tangent.</summary>
    static float Soften(float x)
    {
        x = Math.Clamp(x, -3f, 3f);
        return Math.Clamp(x * (27f + x * x) / (27f + 9f * x * x), -1f, 1f);
    }

    /// <summary>[main, frozen] Gives the room's memory back.</summary>
    public override void Dispose()
    {
        room?.Dispose();
        room = null;
        base.Dispose();
    }
}
