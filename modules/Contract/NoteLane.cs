using System.Numerics;
using System.Runtime.InteropServices;

namespace OscLooper;

/// <summary>
/// [audio] The notes of one port within one block, in order of frames, in native memory. It remembers what sounds, so that a
/// note-off always has a place: room for the off of every sounding note is never given to anything else.
/// </summary>
sealed unsafe class NoteLane : IDisposable
{
    internal const int Capacity = 4096, MostSources = 16;
    const int Words = 16 * 128 / 64;

    readonly NoteEvent* events;
    readonly ulong* sounding;
    readonly NoteLane?[] sources = new NoteLane?[MostSources];
    readonly int[] cursors = new int[MostSources];
    int gone, heard;

    /// <summary>[main] An empty lane.</summary>
    internal NoteLane()
    {
        events = (NoteEvent*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(NoteEvent));
        sounding = (ulong*)NativeMemory.AllocZeroed(MostSources * Words, sizeof(ulong));
    }

    /// <summary>[audio] Events of the present block.</summary>
    internal int Count { get; private set; }
    /// <summary>[any] Notes that sound: on, and not off yet.</summary>
    internal int Sounding { get; private set; }
    /// <summary>[any] Events for which there was no room, ever. Never a note-off of a note that was let through.</summary>
    internal long Lost;

    /// <summary>[audio] Takes an event in; false when there is no room. The off of a note that does not sound is dropped in silence.</summary>
    internal bool Send(in NoteEvent e)
    {
        ref var word = ref sounding[e.Source * Words + (e.Channel * 128 + (e.Pitch & 127)) / 64];
        var bit = 1ul << (e.Pitch & 63);
        var room = Capacity - Count - Sounding;
        if (e.IsOff)
        {
            if ((word & bit) == 0) return true;
            word &= ~bit;
            Sounding--;
        }
        else
        {
            var isNew = e.IsOn && (word & bit) == 0;
            if (room < (isNew ? 2 : 1))
            {
                Lost++;
                return false;
            }
            if (isNew)
            {
                word |= bit;
                Sounding++;
            }
        }
        // Cannot be, by the rule above; but a mistake there must not write beyond the memory.
        if (Count == Capacity) return false;
        // Almost always the last; a module that sends out of order is put right, equals keep the order of sending.
        var place = Count++;
        for (; place > 0 && events[place - 1].Frame > e.Frame; place--) events[place] = events[place - 1];
        events[place] = e;
        return true;
    }

    /// <summary>[audio] The events of these frames.</summary>
    internal ReadOnlySpan<NoteEvent> Between(long from, long until)
    {
        var first = 0;
        while (first < Count && events[first].Frame < from) first++;
        var last = first;
        while (last < Count && events[last].Frame < until) last++;
        return new(events + first, last - first);
    }

    /// <summary>[audio] A new block: empty, but for the offs of sources that are gone.</summary>
    internal void Begin(long frame)
    {
        Count = 0;
        cursors.AsSpan().Clear();
        for (var source = 0; gone != 0; source++, gone >>= 1)
            if ((gone & 1) != 0) Release(source, frame);
    }

    /// <summary>[audio] Ends all notes of a source.</summary>
    internal void Release(int source, long frame)
    {
        for (var w = 0; w < Words; w++)
            while (sounding[source * Words + w] is var word and not 0)
            {
                var key = w * 64 + BitOperations.TrailingZeroCount(word);
                Send(new NoteEvent(frame, (byte)(NoteEvent.Off | key >> 7), (byte)(key & 127), 64, (byte)source));
            }
    }

    /// <summary>[audio] From now on it hears these lanes; one that it heard before keeps its number, the notes of one that left end.</summary>
    internal void Hear(NoteLane[] fresh)
    {
        for (var i = 0; i < MostSources; i++)
            if (sources[i] is { } old && PlaceOf(fresh, old) < 0)
            {
                sources[i] = null;
                gone |= 1 << i;
            }
        foreach (var lane in fresh)
            if (PlaceOf(sources, lane) < 0 && FreeSource() is var place and >= 0) sources[place] = lane;
        for (heard = MostSources; heard > 0 && sources[heard - 1] is null;) heard--;
    }

    static int PlaceOf(NoteLane?[] lanes, NoteLane? lane)
    {
        for (var i = 0; i < lanes.Length; i++)
            if (ReferenceEquals(lanes[i], lane)) return i;
        return -1;
    }

    int FreeSource()
    {
        for (var i = 0; i < MostSources; i++)
            if (sources[i] is null && (gone & 1 << i) == 0) return i;
        // All others are taken: one that has just left makes room, its offs come first all the same.
        return PlaceOf(sources, null);
    }

    /// <summary>[audio] Takes what the sources have sent before the frame: by frame, among equals in the order of the sources.</summary>
    internal void Merge(long until)
    {
        while (true)
        {
            var (next, frame) = (-1, until);
            for (var i = 0; i < heard; i++)
                if (sources[i] is { } lane && cursors[i] < lane.Count && lane.events[cursors[i]].Frame < frame)
                    (next, frame) = (i, lane.events[cursors[i]].Frame);
            if (next < 0) return;
            Send(sources[next]!.events[cursors[next]++] with { Source = (byte)next });
        }
    }

    /// <summary>[main, frozen] As new: nothing sounds, nobody is heard.</summary>
    internal void Forget()
    {
        (Count, Sounding, gone, heard) = (0, 0, 0, 0);
        Array.Clear(sources);
        new Span<ulong>(sounding, MostSources * Words).Clear();
    }

    /// <summary>[main, frozen] Gives the memory back.</summary>
    public void Dispose()
    {
        NativeMemory.Free(events);
        NativeMemory.Free(sounding);
    }
}
