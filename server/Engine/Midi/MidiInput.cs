namespace OscLooper.Server.Midi;

/// <summary>
/// [any] A MIDI input as the patch knows it (midi:NAME), whatever carries it. One thread at a time brings bytes with their frames;
/// the audio side takes them into its lane, where the modules hear them. While its device is away it is silent.
/// </summary>
public sealed class MidiInput : IDisposable
{
    // A sender of active sensing says so every 300 ms (MIDI 1.0 detailed specification); a busy machine is given some more.
    const double SensingSeconds = 0.6;

    readonly MidiParser parser = new();
    readonly Ring<MidiMessage> ring = new(4096);
    readonly PacketRing sysEx = new(2 * MidiParser.LongestSysEx);
    readonly double sensingFrames;
    MidiMessage next;
    bool hasNext, wasThere, isSensing;
    long lastFrame;
    volatile bool isThere;

    /// <summary>[main] An input that is not there yet.</summary>
    internal MidiInput(string name, int rate) => (Name, sensingFrames) = (name, SensingSeconds * rate);

    /// <summary>[any] Its name in the patch.</summary>
    public string Name { get; }
    /// <summary>[any] What carries it: jack, rtmidi, loopback.</summary>
    public string Carrier { get; internal set; } = "";
    /// <summary>[any] True while its device is there.</summary>
    public bool IsThere => isThere;
    /// <summary>[any] Messages for which there was no room, and such as broke off.</summary>
    public long Lost { get; private set; }
    /// <summary>[any] Messages that were heard.</summary>
    public long Heard { get; private set; }

    internal NoteLane Lane { get; } = new();

    /// <summary>[any] Its device has come; only the thread that will bring its bytes calls this, or one that has none yet.</summary>
    internal void Come(string carrier)
    {
        Carrier = carrier;
        parser.Reset();
        isThere = true;
    }

    /// <summary>[any] Its device has gone: what sounds through it ends.</summary>
    internal void Go() => isThere = false;

    /// <summary>[any] The carrier's call, one thread at a time: bytes that came in at this frame.</summary>
    internal void Hear(long frame, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
            switch (parser.Push(b))
            {
                case MidiStep.Message:
                    Heard++;
                    if (!ring.TryWrite(parser.Message with { Frame = frame })) Lost++;
                    break;
                case MidiStep.SysEx:
                    Heard++;
                    if (!sysEx.TryWrite(frame, parser.SysEx)) Lost++;
                    break;
            }
    }

    /// <summary>[worker] The next system exclusive message, F0 to F7; null when there is none.</summary>
    internal byte[]? TakeSysEx()
    {
        if (!sysEx.TryPeek(out _, out var length)) return null;
        var bytes = new byte[length];
        sysEx.Take(bytes, length);
        return bytes;
    }

    /// <summary>[audio] The messages of a block: those of channels into the lane, those of the clock to whom it may concern.</summary>
    internal void Begin(long from, long until, MidiClockBox clock)
    {
        Lane.Begin(from);
        var isNow = isThere;
        if (wasThere && !isNow) Lane.Release(0, from);
        wasThere = isNow;
        while (hasNext || (hasNext = ring.TryRead(out next)))
        {
            if (next.Frame >= until) break;
            // A flood waits for the next block: nothing is lost, and the offs keep their places.
            if (!Lane.HasRoom) break;
            hasNext = false;
            lastFrame = Math.Max(next.Frame, from);
            if (next.IsOfChannel) Lane.Send(new NoteEvent(lastFrame, next.Status, next.First, next.Second));
            else if (next.Status == MidiMessage.ActiveSensing) isSensing = true;
            else if (next.Status == 0xFF) Lane.Release(0, lastFrame);
            else clock.Put(this, next with { Frame = lastFrame });
        }
        if (!isSensing || until - lastFrame < sensingFrames) return;
        isSensing = false;
        Lane.Release(0, from);
    }

    /// <summary>[main, frozen] Gives the memory back.</summary>
    public void Dispose() => Lane.Dispose();
}
