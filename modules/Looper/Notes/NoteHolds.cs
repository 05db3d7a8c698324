using System.Numerics;

namespace OscLooper.Looper;

/// <summary>[audio] The notes that sound because a loop plays them, each with the position at which it ends.</summary>
sealed class NoteHolds(NoteMixer mixer)
{
    readonly long[] ends = new long[NoteMixer.Keys];
    readonly ushort[] keys = new ushort[NoteMixer.Keys];
    int count;

    /// <summary>[audio] Port through which all of them sound; changes only while none does.</summary>
    public int Port { get; set; }
    /// <summary>[audio] How many sound.</summary>
    public int Count => count;
    /// <summary>[audio] Position at which the next one ends.</summary>
    public long NextEnd { get; private set; } = long.MaxValue;

    /// <summary>[audio] A note begins; one that sounds already on the key is struck again, and the later of both ends counts.</summary>
    public void Start(long frame, int channel, int pitch, int velocity, long end)
    {
        var key = channel * 128 + pitch;
        if (ends[key] > 0) mixer.Off(frame, NoteMixer.KeyOf(Port, channel, pitch));
        if (!mixer.On(frame, NoteMixer.KeyOf(Port, channel, pitch), velocity))
        {
            if (ends[key] > 0) Forget(key);
            return;
        }
        if (ends[key] == 0) keys[count++] = (ushort)key;
        ends[key] = Math.Max(ends[key], end);
        FindNext();
    }

    /// <summary>[audio] Ends what ends at or before a position.</summary>
    public void EndUntil(long frame, long position)
    {
        for (var i = 0; i < count;)
            if (ends[keys[i]] > position) i++;
            else
            {
                mixer.Off(frame, Port * NoteMixer.Keys + keys[i]);
                ends[keys[i]] = 0;
                keys[i] = keys[--count];
            }
        FindNext();
    }

    /// <summary>[audio] Ends all of them.</summary>
    public void EndAll(long frame)
    {
        if (count > 0) EndUntil(frame, long.MaxValue);
    }

    void Forget(int key)
    {
        ends[key] = 0;
        for (var i = 0; i < count; i++)
            if (keys[i] == key) keys[i] = keys[--count];
        FindNext();
    }

    void FindNext()
    {
        NextEnd = long.MaxValue;
        for (var i = 0; i < count; i++) NextEnd = Math.Min(NextEnd, ends[keys[i]]);
    }
}

/// <summary>[audio] The keys of players that are passed through: of every source those that are down and were let through.</summary>
sealed class NoteThrough(NoteMixer mixer)
{
    const int Words = NoteMixer.Keys / 64;

    readonly ulong[] held = new ulong[16 * Words];
    readonly ushort[] routes = new ushort[16 * NoteMixer.Keys];
    int count;

    /// <summary>[audio] How many are down.</summary>
    public int Count => count;

    /// <summary>[audio] A key goes down and is heard on a key of the mixer.</summary>
    public void On(long frame, in NoteEvent e, int key, int velocity)
    {
        Off(frame, e);
        if (!mixer.On(frame, key, velocity)) return;
        var place = e.Source * NoteMixer.Keys + e.Channel * 128 + e.Pitch;
        held[place >> 6] |= 1ul << (place & 63);
        routes[place] = (ushort)key;
        count++;
    }

    /// <summary>[audio] A key comes up; one that was not let through is nothing.</summary>
    public void Off(long frame, in NoteEvent e) => Release(frame, e.Source * NoteMixer.Keys + e.Channel * 128 + e.Pitch);

    void Release(long frame, int place)
    {
        if ((held[place >> 6] & 1ul << (place & 63)) == 0) return;
        held[place >> 6] &= ~(1ul << (place & 63));
        count--;
        mixer.Off(frame, routes[place]);
    }

    /// <summary>[audio] All come up.</summary>
    public void EndAll(long frame)
    {
        for (var word = 0; word < held.Length && count > 0; word++)
            while (held[word] != 0) Release(frame, word * 64 + BitOperations.TrailingZeroCount(held[word]));
    }
}
