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

    readonly PacketRing raw = new(RoomBytes);
    readonly byte[] packet = new byte[RoomBytes];
    int silencedChannels;
    bool wasThere;
    volatile bool isThere;

    /// <summary>[main] An output that is not there yet.</summary>
    internal MidiOutput(string name) => Name = name;

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
    internal void Lose() => Volatile.Write(ref lost, lost + 1);

    /// <summary>[audio] A new block.</summary>
    internal void Begin(long from) => Lane.Begin(from);

    /// <summary>[audio] Everything of the block has been sent to it.</summary>
    internal void End(long from, long until)
    {
        Lane.Merge(until);
        if (!isThere)
        {
            if (wasThere) Forget(from, until);
            wasThere = false;
            while (raw.TryPeek(out _, out var left)) raw.Take(default, left);
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
