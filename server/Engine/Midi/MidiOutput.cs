using OscLooper.Dsp.Native;

namespace OscLooper.Server.Midi;

/// <summary>
/// [any] A MIDI output as the patch knows it (midi:NAME). The audio side merges what its sources send with what main sends raw;
/// its carrier takes the bytes with their frames. While its device is away it is silent.
/// </summary>
public sealed class MidiOutput : IDisposable
{
    const int RoomBytes = 2 * MidiParser.LongestSysEx;
    const byte AllSoundOff = 120, AllNotesOff = 123;
    // What a device gets so late is no longer what was played; one that takes nothing for so long stands still.
    const double FreshSeconds = 0.2, StandstillSeconds = 0.5;

    readonly PacketRing raw = new(RoomBytes);
    readonly byte[] packet = new byte[RoomBytes];
    int silencedChannels;
    readonly long freshFrames, standstillFrames;
    bool wasThere;
    volatile bool isThere;

    /// <summary>[main] An output that is not there yet.</summary>
    internal MidiOutput(string name, int rate) => (Name, freshFrames, standstillFrames) = (name, (long)(FreshSeconds * rate), (long)(StandstillSeconds * rate));

    /// <summary>[any] Its name in the patch.</summary>
    public string Name { get; }
    /// <summary>[any] What carries it: jack, rtmidi, loopback.</summary>
    public string Carrier { get; private set; } = "";
    /// <summary>[any] True while its device is there.</summary>
    public bool IsThere => isThere;
    /// <summary>[any] Messages for which there was no room.</summary>
    public long Lost => Volatile.Read(ref lost) + Lane.Lost;
    long lost;
    /// <summary>[any] Messages that were handed to the carrier.</summary>
    public long Sent { get; private set; }

    internal NoteLane Lane { get; } = new();

    /// <summary>[any] What the carrier is to send, in order of frames; the carrier alone reads.</summary>
    internal PacketRing ToDevice { get; } = new(2 * RoomBytes);

    /// <summary>[main] Woken when there is something to send, where the carrier does not look at every block.</summary>
    internal WakeEvent? Sender { get; set; }

    /// <summary>[any] Its device has come.</summary>
    internal void Come(string carrier)
    {
        Carrier = carrier;
        isThere = true;
    }

    /// <summary>[any] Its device has gone.</summary>
    internal void Go() => isThere = false;

    /// <summary>[main] Whole messages, to be sent with the next block; false when there is not room for all of them, then none is sent.</summary>
    internal bool Send(IReadOnlyList<byte[]> messages)
    {
        if (!raw.HasRoom(messages)) return false;
        foreach (var message in messages) raw.TryWrite(0, message);
        return true;
    }

    /// <summary>[audio] A carrier could not send a message.</summary>
    internal void Lose() => Interlocked.Increment(ref lost);

    /// <summary>[audio] The carrier's call instead of looking into <see cref="ToDevice"/>: the next message that it is to send. Notes and clock ticks of long
    /// ago are left out, so that a device that stood still does not get them all at once; the ends of notes never are.</summary>
    internal bool TryNext(long now, out long frame, out int length)
    {
        while (ToDevice.TryPeek(out frame, out length))
        {
            if (now - frame <= freshFrames || !IsOfItsMoment(length)) return true;
            ToDevice.Take(default, length);
            Lose();
        }
        return false;
    }

    bool IsOfItsMoment(int length)
    {
        Span<byte> bytes = stackalloc byte[3];
        ToDevice.Begins(bytes[..Math.Min(3, length)]);
        return length switch
        {
            1 => bytes[0] is MidiMessage.Clock or MidiMessage.ActiveSensing,
            3 => (bytes[0] & 0xF0) == NoteEvent.On && bytes[2] > 0,
            _ => false,
        };
    }

    /// <summary>[audio] A new block.</summary>
    internal void Begin(long from) => Lane.Begin(from);

    /// <summary>[audio] Everything of the block has been sent to it.</summary>
    internal void End(long from, long until)
    {
        Lane.Merge(until);
        if (!isThere || StandsStill(until))
        {
            if (wasThere) Forget(from, until);
            wasThere = false;
            DropRaw();
            return;
        }
        if (!wasThere) Silence(from);
        wasThere = true;
        while (raw.TryPeek(out _, out var length) && ToDevice.HasRoom(length))
        {
            raw.Take(packet, length);
            ToDevice.TryWrite(from, packet.AsSpan(0, length));
            Sent++;
        }
        Span<byte> bytes = stackalloc byte[3];
        foreach (ref readonly var e in Lane.Between(from, until))
        {
            var length = new MidiMessage(e.Frame, e.Status, e.Pitch, e.Velocity).Write(bytes);
            if (ToDevice.TryWrite(e.Frame, bytes[..length])) Sent++;
            else Lose();
        }
        if (ToDevice.Used > 0) Sender?.Signal();
    }

    // It takes nothing: until it does, nothing more is kept for it, as if it were away.
    bool StandsStill(long until) => ToDevice.TryPeek(out var oldest, out _) && until - oldest > standstillFrames;

    void DropRaw()
    {
        while (raw.TryPeek(out _, out var length))
        {
            raw.Take(packet, length);
            if (length == 3 && (packet[0] & 0xE0) == 0x80) silencedChannels |= 1 << (packet[0] & 0x0F);
            Lose();
        }
    }

    // Nothing can be sent any more: what sounds there is not known when the device comes back, so it is told to be silent first.
    void Forget(long from, long until)
    {
        for (var source = 0; source < NoteLane.MostSources; source++) Lane.Release(source, until - 1);
        foreach (ref readonly var e in Lane.Between(from, until))
            if (e.IsOff) silencedChannels |= 1 << e.Channel;
    }

    void Silence(long frame)
    {
        Span<byte> bytes = stackalloc byte[3];
        for (var channel = 0; silencedChannels != 0; channel++, silencedChannels >>= 1)
        {
            if ((silencedChannels & 1) == 0) continue;
            (bytes[0], bytes[1], bytes[2]) = ((byte)(NoteEvent.Control | channel), AllNotesOff, 0);
            ToDevice.TryWrite(frame, bytes);
            bytes[1] = AllSoundOff;
            ToDevice.TryWrite(frame, bytes);
        }
    }

    /// <summary>[main, frozen] Gives the memory back.</summary>
    public void Dispose() => Lane.Dispose();
}
