using OscLooper.Server.Midi;

namespace OscLooper.Server.Realtime;

/// <content>[audio] Where tempo and position come from: itself, a MIDI clock, JACK's transport.</content>
public sealed partial class TransportModule
{
    /// <summary>[any] The event by which the engine says that JACK's transport was asked.</summary>
    internal const int JackMoved = 0x100;
    const int Internal = 0, FromMidi = 1, FromJack = 2, TicksPerBeat = 24;
    const double ToldBeatsPerMinute = 0.05;         // smaller changes of a followed tempo are not told
    const double MostBend = 0.1, JumpBeats = 0.5;   // how fast a wrong phase is made good, and from where on it is jumped over
    const double JackTolerance = 1.0 / 480;         // JACK's ticks are whole numbers

    readonly MidiClockBox? clock;
    readonly JackTransport? jack;
    ClockFollower follower = new(48000);
    long tick;
    double songPosition;
    bool startsWithTick, isCounting;

    bool TempoIsGiven => source.Value == FromMidi || (source.Value == FromJack && jack is { IsThere: true, Tempo: > 0 });

    void SetSource(in Event e)
    {
        // A source that is away may be chosen: it is not locked until it is there.
        if (e.A is FromMidi && clock is null || e.A is FromJack && jack is null || e.A > FromJack)
        {
            audio.Refuse(e, Reason.Refused);
            return;
        }
        source.SetFor(e, e.A);
        if (clock is not null) clock.IsWanted = e.A == FromMidi;
        if (jack is not null) jack.IsWanted = e.A == FromJack;
        follower.Reset();
        startsWithTick = isCounting = false;
        Lock(e.A == Internal);
    }

    void Lock(bool isLocked)
    {
        if (locked.IsOn != isLocked) locked.Set(isLocked ? 1 : 0);
    }

    // The source may go without a word.
    void WatchSource(long frame)
    {
        if (source.Value == FromMidi && follower.IsLost(frame))
        {
            follower.Reset();
            Lock(false);
        }
        else if (source.Value == FromJack && !jack!.IsThere) Lock(false);
    }

    void HearClock(in Event e)
    {
        if (e.A == JackMoved) FollowJack(e.Frame);
        else if (source.Value != FromMidi) return;
        else if (e.A == MidiMessage.Clock) Tick(e.Frame);
        else if (e.A == MidiMessage.Start) (songPosition, startsWithTick) = (0, true);
        else if (e.A == MidiMessage.Continue) startsWithTick = true;
        else if (e.A == MidiMessage.SongPosition)
        {
            songPosition = ((int)e.B | (int)e.C << 7) / 4.0;
            if (!audio.Transport.IsPlaying) audio.Transport.Locate(e.Frame, songPosition);
            isCounting = false;
        }
        else if (e.A == MidiMessage.Stop)
        {
            audio.Transport.Stop(e.Frame);
            songPosition = audio.Transport.PositionAt(e.Frame);
            startsWithTick = false;
        }
    }

    void Tick(long frame)
    {
        var transport = audio.Transport;
        var ticks = follower.Tick(frame);
        tick += ticks;
        if (startsWithTick)
        {
            // The first tick after start or continue is the position itself.
            transport.Locate(frame, songPosition);
            transport.Play(frame);
            (tick, startsWithTick, isCounting) = ((long)Math.Round(songPosition * TicksPerBeat), false, true);
        }
        if (!follower.HasTempo) return;
        if (!isCounting) CountFrom(frame);
        Lock(follower.IsLocked || (locked.IsOn && follower.Count > 1));

        var beats = (double)tick / TicksPerBeat;
        var wrong = beats - transport.GridAt(frame) + (frame - follower.LastFrame) * follower.Tempo / (60 * rate);
        if (Math.Abs(wrong) > JumpBeats)
        {
            var at = transport.GridAt(frame) + wrong;
            transport.Locate(frame, at);
            wrong = 0;
        }
        transport.SetTempo(frame, follower.Tempo * (1 + Math.Clamp(wrong, -MostBend, MostBend)));
        if (Math.Abs(follower.Tempo - tempo.Value) >= ToldBeatsPerMinute) tempo.Set(Math.Clamp(follower.Tempo, 20, 400));
    }

    // Somebody here moved it: the ticks count on from where it is.
    void Recount() => isCounting = false;

    void CountFrom(long frame)
    {
        tick = (long)Math.Round(audio.Transport.GridAt(frame) * TicksPerBeat);
        isCounting = true;
    }

    void FollowJack(long frame)
    {
        if (source.Value != FromJack) return;
        var transport = audio.Transport;
        if (jack!.Tempo > 0 && Math.Abs(jack.Tempo - transport.Tempo) > 1e-6)
        {
            transport.SetTempo(frame, jack.Tempo);
            tempo.Set(transport.Tempo);
        }
        var at = double.IsNaN(jack.Beat) ? jack.Frame / (rate * 60) * transport.Tempo : jack.Beat;
        if (transport.IsPlaying && !jack.IsRolling) transport.Stop(frame);
        if (Math.Abs(at - transport.PositionAt(frame)) > JackTolerance) transport.Locate(frame, at);
        if (!transport.IsPlaying && jack.IsRolling) transport.Play(frame);
        Lock(true);
    }
}
