namespace OscLooper.Bard;

/// <summary>
/// [audio] What really sounds: for every output key (output, channel, pitch) how many hold it (facts/bard.md 3.4, R3, R5, R12..R15).
/// Every message goes out through here, so on every key ons and offs alternate. Room for the off of each sounding note is kept free.
/// </summary>
sealed class Ledger
{
    internal const int Outputs = 8, Capacity = 16384;
    const int Reserve = 1024;   // for panic: pedals, bends, controllers 120 and 123 on every used channel
    const int Lanes = Outputs * 16;

    readonly OutEvent[] sent = GC.AllocateArray<OutEvent>(Capacity, pinned: true);
    readonly ushort[] holders = new ushort[Lanes * 128];
    readonly bool[] isUsed = new bool[Lanes], isBent = new bool[Lanes];
    readonly byte[] pedals = new byte[Lanes];

    internal int Count { get; private set; }
    internal int Sounding { get; private set; }
    /// <summary>[any] Notes for which there was no room.</summary>
    internal int Lost { get; private set; }
    internal ReadOnlySpan<OutEvent> Sent => sent.AsSpan(0, Count);
    internal void Clear() => Count = 0;
    internal bool IsSounding(int key) => holders[key] > 0;

    /// <summary>[audio] The number of an output key.</summary>
    internal static int KeyOf(int output, int channel, int pitch) => (output * 16 + channel) * 128 + pitch;

    /// <summary>[audio] One more holds the key: on, or off and on again where it sounds already. False when it cannot be carried out; then nothing is held.</summary>
    internal bool On(int key, int velocity, long frame)
    {
        if (Count + Sounding + Reserve + 2 > Capacity || holders[key] == ushort.MaxValue)
        {
            Lost++;
            return false;
        }
        if (holders[key]++ > 0) Send(frame, key >> 7, NoteEvent.Off, key & 127, 64);
        else Sounding++;
        isUsed[key >> 7] = true;
        Send(frame, key >> 7, NoteEvent.On, key & 127, Math.Clamp(velocity, 1, 127));
        return true;
    }

    /// <summary>[audio] One less holds the key; the last one ends it.</summary>
    internal void Off(int key, long frame)
    {
        if (holders[key] == 0 || --holders[key] > 0) return;
        Sounding--;
        Send(frame, key >> 7, NoteEvent.Off, key & 127, 64);
    }

    /// <summary>[audio] A message that is no note: pedals and bends are remembered, so that they can be lifted.</summary>
    internal void Message(int output, int channel, int kind, int first, int second, long frame)
    {
        var lane = output * 16 + channel;
        if (Count + Sounding + Reserve >= Capacity) return;
        if (kind == NoteEvent.Control && PedalBit(first) is var bit and > 0)
            pedals[lane] = (byte)(second >= 64 ? pedals[lane] | bit : pedals[lane] & ~bit);
        if (kind == NoteEvent.Bend) isBent[lane] = first != 0 || second != 64;
        isUsed[lane] = true;
        Send(frame, lane, kind, first, second);
    }

    static int PedalBit(int controller) => controller switch { 64 => 1, 66 => 2, 69 => 4, _ => 0 };

    /// <summary>[audio] Lifts every pedal and centres every bend that went out (R13): before the map of channels changes, and on panic.</summary>
    internal void Lift(long frame)
    {
        for (var lane = 0; lane < Lanes; lane++)
        {
            if ((pedals[lane] & 1) != 0) Send(frame, lane, NoteEvent.Control, 64, 0);
            if ((pedals[lane] & 2) != 0) Send(frame, lane, NoteEvent.Control, 66, 0);
            if ((pedals[lane] & 4) != 0) Send(frame, lane, NoteEvent.Control, 69, 0);
            if (isBent[lane]) Send(frame, lane, NoteEvent.Bend, 0, 64);
            (pedals[lane], isBent[lane]) = (0, false);
        }
    }

    /// <summary>[audio] Exactly one off for each sounding note, pedals lifted, then controllers 120 and 123 on the channels that were used.</summary>
    internal void Panic(long frame)
    {
        for (var key = 0; key < holders.Length && Sounding > 0; key++)
        {
            if (holders[key] == 0) continue;
            holders[key] = 0;
            Sounding--;
            Send(frame, key >> 7, NoteEvent.Off, key & 127, 64);
        }
        Lift(frame);
        for (var lane = 0; lane < Lanes; lane++)
        {
            if (!isUsed[lane]) continue;
            isUsed[lane] = false;
            Send(frame, lane, NoteEvent.Control, 120, 0);
            Send(frame, lane, NoteEvent.Control, 123, 0);
        }
    }

    void Send(long frame, int lane, int kind, int first, int second)
    {
        if (Count < Capacity) sent[Count++] = new OutEvent(frame, (byte)(lane >> 4), (byte)(kind | lane & 15), (byte)first, (byte)second);
    }
}
