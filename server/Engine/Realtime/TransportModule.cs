using OscLooper.Dsp;

namespace OscLooper.Server.Realtime;

/// <summary>[any] /transport: tempo, signature, position (addresses.md section 3). Contract's <see cref="Transport"/> does the arithmetic.</summary>
public sealed partial class TransportModule : Module, IPersist
{
    const double TapTimeoutSeconds = 2;
    const int TapsKept = 5;   // five taps are four intervals

    readonly AudioSide audio;
    readonly Command play, stop, locate, tap;
    readonly Parameter playing, tempo, signature, grid, position, bar, beat, source, locked, metronome, metronomeGain, clockOut;
    readonly Metronome clicks;
    readonly ClockSender sender;
    readonly TransportMemory memory;
    readonly long[] taps = new long[TapsKept];
    int tapCount;
    (long Frame, double Beat, double Tempo, int Numerator, int Denominator) told = (0, 0, 120, 4, 4);
    Ramp gain;
    double rate = 48000;
    bool isIdle;

    /// <summary>[main] Declares; without MIDI ports or JACK's transport those sources are refused.</summary>
    public TransportModule(Branch at, Midi.MidiPorts? midi = null, JackTransport? jack = null)
    {
        (clock, this.jack) = (midi?.Clock, jack);
        const Traits managed = Traits.Managed | Traits.CutsAll;
        audio = at.Audio;
        play = at.Command("play", "Starts from the position.", Traits.CutsAll);
        stop = at.Command("stop", "Stops; the position stays, the grid runs on.", Traits.CutsAll);
        locate = at.Command("locate", "Jumps to a beat, counted from 0.", Traits.CutsAll,
            (Spec.Range(0, 1e9, 0, "beats") with { Strict = true }).Named("beat").In64Bits());
        tap = at.Command("tap", "Taps the tempo: the mean of the last up to four intervals; 2 s without a tap begin anew.", Traits.CutsAll);
        playing = at.Parameter("playing", Spec.Switch(), "1 while it plays.", managed | Traits.ReadOnly);
        tempo = at.Parameter("tempo", Spec.Range(20, 400, 120, "BPM").In64Bits(), "Quarter notes in a minute.", managed);
        signature = at.Parameter("signature", [Spec.Count(1, 64, 4).Named("beats"), Spec.Count(1, 64, 4).Named("unit")],
            "How long a bar is; the unit is 1, 2, 4, 8, 16, 32 or 64.", managed);
        grid = at.Parameter("grid", [Spec.Frames, Spec.Range(-1e12, 1e12, 0, "beats").In64Bits().Named("beat"), Spec.Range(20, 400, 120, "BPM").In64Bits().Named("tempo")],
            "From this frame on the grid is counted from this beat at this tempo; told anew with each change of tempo, signature and place.", Traits.ReadOnly);
        position = at.Gauge("position", Spec.Range(0, double.PositiveInfinity, 0, "beats").In64Bits(), "Where it is or stands, in quarter notes.");
        bar = at.Gauge("bar", Spec.Count(1, int.MaxValue, 1), "Bar of the position, from 1.");
        beat = at.Gauge("beat", Spec.Count(1, int.MaxValue, 1), "Quarter note in the bar, from 1.");
        source = at.Parameter("source", Spec.Choice("internal", "midi", "jack", "reaper"), "Where tempo and position come from: MIDI clock of the input that sends one, or JACK's transport (reaper: not yet).", managed);
        locked = at.Parameter("locked", Spec.Switch(true), "1 while the source is there and steady.", Traits.ReadOnly | Traits.Managed);
        metronome = at.Parameter("metronome", Spec.Switch(), "A click on each beat of the signature, a higher one on the bar, whether it plays or stands; port transport:metronome.");
        metronomeGain = at.Parameter("metronome_gain", Spec.Range(0, 4, 0.5), "Linear gain of the click; ramped.");
        clockOut = at.Parameter("clock_out", Spec.Switch(), "1 sends MIDI clock, start, stop, continue and song position through port transport:clock, by itself to all MIDI outputs.");
        clicks = new Metronome(at.AudioOut("metronome"));
        sender = new ClockSender(at.NotesOut("clock"));
        memory = new TransportMemory(at.Audio, at.Desk);
    }

    /// <summary>[worker] Where the grid is, and whether it plays.</summary>
    public void Save(DirectoryInfo folder) => memory.Save(folder);

    /// <summary>[worker] The grid goes on from there.</summary>
    public void Load(DirectoryInfo folder, int version) => memory.Load(folder, version);

    /// <summary>[main, frozen] Takes the rate.</summary>
    public override void Prepare(AudioFormat format)
    {
        rate = format.Rate;
        audio.Transport.SetRate(rate);
        audio.Transport.SetTempo(0, tempo.Value);
        (audio.Transport.Voice, audio.Transport.TempoLeaf, audio.Transport.ClockLeaf) = (audio, tempo.Leaf, source.Leaf);
        follower = new ClockFollower(rate);
        clicks.Prepare(format.Rate);
        gain = new Ramp(RaisedCosine.Rise(format.RampFrames), (float)metronomeGain.Value);
    }

    /// <summary>[audio] Every leaf cuts the blocks of all, so everybody sees the change at its frame.</summary>
    public override void Handle(in Event e)
    {
        TakeRestored(e.Frame);
        var transport = audio.Transport;
        if (e.Kind == EventKind.Note) HearClock(e);
        else if (e.Is(play)) transport.Play(e.Frame);
        else if (e.Is(stop)) transport.Stop(e.Frame);
        else if (e.Is(locate)) transport.Locate(e.Frame, e.A);
        else if ((e.Is(tap) || e.Is(tempo)) && TempoIsGiven) audio.Refuse(e, Reason.Refused);
        else if (e.Is(tap)) Tap(e);
        else if (e.Is(tempo)) SetTempo(e, e.A);
        else if (e.Is(signature)) SetSignature(e);
        else if (e.Is(source)) SetSource(e);
        else if (e.Is(metronomeGain)) gain.Start(e.Frame, (float)metronomeGain.Value);
        if (e.Is(play) || e.Is(locate)) Recount();

        if (transport.IsPlaying != playing.IsOn) playing.SetFor(e, transport.IsPlaying ? 1 : 0);
        ShowPosition(e.Frame);
    }

    /// <summary>[audio] Shows where it is, clicks, and tells others the time.</summary>
    public override void Process(in Block block)
    {
        TakeRestored(block.Frame);
        ShowPosition(block.Frame);
        WatchSource(block.Frame);
        clicks.Process(block, metronome.IsOn, gain);
        sender.Process(block, clockOut.IsOn);
        memory.Note();
        isIdle = !metronome.IsOn && clicks.IsOver(block.Frame + block.Frames) && !clockOut.IsOn && source.Value == Internal && !block.Transport.IsPlaying;
    }

    /// <summary>[audio] It stands, and nobody is told the time: the grid runs by itself.</summary>
    public override bool IsIdle => isIdle;

    // With the first event or block after it was loaded: before others ask where the grid is.
    void TakeRestored(long frame)
    {
        if (!memory.Take(frame)) return;
        tempo.Set(audio.Transport.Tempo);
        signature.Set(audio.Transport.Numerator, audio.Transport.Denominator);
        playing.Set(audio.Transport.IsPlaying ? 1 : 0);
    }

    void SetTempo(in Event e, double beatsPerMinute)
    {
        audio.Transport.SetTempo(e.Frame, beatsPerMinute);
        tempo.SetFor(e, audio.Transport.Tempo);
    }

    void SetSignature(in Event e)
    {
        var (numerator, denominator) = ((int)e.A, (int)e.B);
        if (numerator is < 1 or > 64 || denominator is < 1 or > 64 || (denominator & (denominator - 1)) != 0)
        {
            audio.Refuse(e, Reason.OutOfRange);
            return;
        }
        audio.Transport.SetSignature(e.Frame, numerator, denominator);
        signature.SetFor(e, numerator, denominator);
    }

    void Tap(in Event e)
    {
        if (tapCount > 0 && e.Frame - taps[tapCount - 1] > TapTimeoutSeconds * rate) tapCount = 0;
        if (tapCount == TapsKept)
        {
            for (var i = 1; i < TapsKept; i++) taps[i - 1] = taps[i];
            tapCount--;
        }
        taps[tapCount++] = e.Frame;
        var frames = e.Frame - taps[0];
        if (tapCount > 1 && frames > 0) SetTempo(e, 60 * rate * (tapCount - 1) / frames);
    }

    void ShowPosition(long frame)
    {
        var beats = audio.Transport.PositionAt(frame);
        var (barNow, beatNow) = audio.Transport.BarAndBeat(beats);
        position.Put(beats);
        bar.Put(barNow);
        beat.Put(beatNow);
        ShowGrid(frame);
    }

    // A clock that is followed bends the tempo all the time: then only what moves the grid by a hundredth of a beat is told.
    void ShowGrid(long frame)
    {
        var transport = audio.Transport;
        var (from, at) = transport.Anchor;
        var now = (from, at, transport.Tempo, transport.Numerator, transport.Denominator);
        if (now == told) return;
        var moved = transport.GridAt(frame) - told.Beat - (frame - told.Frame) * told.Tempo / (60 * rate);
        if (TempoIsGiven && Math.Abs(moved) < 0.01 && (now.Numerator, now.Denominator) == (told.Numerator, told.Denominator)) return;
        told = now;
        grid.Set(from, at, transport.Tempo);
    }
}
