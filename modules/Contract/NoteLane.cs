using System.Numerics;
using System.Runtime.InteropServices;

namespace OscLooper;

/// <summary>
/// [audio] The notes of one port within one block, in order of frames, in native memory. It remembers what sounds, which pedals are down
/// and what is bent, so that its end always has a place: room for that is never given to anything else.
/// </summary>
sealed unsafe class NoteLane : IDisposable
{
    internal const int Capacity = 4096, MostSources = 16;
    const int Words = 16 * 128 / 64;

    readonly NoteEvent* events;
    readonly ulong* sounding;
    // Of every source four bits for each channel: controllers 64, 66, 69, and the bend.
    readonly ulong* pulled = (ulong*)NativeMemory.AllocZeroed(MostSources, sizeof(ulong));
    int pulledCount;
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
    /// <summary>[audio] There is room for whatever comes next, and for its end.</summary>
    internal bool HasRoom => Count + Sounding + pulledCount <= Capacity - 2;
    /// <summary>[any] Events for which there was no room, ever. Never a note-off of a note that was let through.</summary>
    internal long Lost;

    /// <summary>[audio] Takes an event in; false when there is no room. The off of a note that does not sound is dropped in silence.</summary>
    internal bool Send(in NoteEvent e)
    {
        ref var word = ref sounding[e.Source * Words + (e.Channel * 128 + (e.Pitch & 127)) / 64];
        var bit = 1ul << (e.Pitch & 63);
        var pull = PullOf(e);
        var room = Capacity - Count - Sounding - pulledCount;
        if (e.IsOff)
        {
            if ((word & bit) == 0) return true;
            word &= ~bit;
            Sounding--;
        }
        else if (pull != 0 && (pulled[e.Source] & pull) != 0 && IsRest(e))
        {
            pulled[e.Source] &= ~pull;
            pulledCount--;
        }
        else
        {
            var isNew = e.IsOn && (word & bit) == 0;
            var isPulled = pull != 0 && (pulled[e.Source] & pull) == 0 && !IsRest(e);
            if (room < (isNew || isPulled ? 2 : 1))
            {
                Lost++;
                return false;
            }
            if (isPulled)
            {
                pulled[e.Source] |= pull;
                pulledCount++;
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

    // The bit of a pedal or a bend; 0 = neither.
    static ulong PullOf(in NoteEvent e) => (e.Kind, e.Pitch) switch
    {
        (NoteEvent.Control, 64) => 1ul,
        (NoteEvent.Control, 66) => 2ul,
        (NoteEvent.Control, 69) => 4ul,
        (NoteEvent.Bend, _) => 8ul,
        _ => 0,
    } << 4 * e.Channel;

    static bool IsRest(in NoteEvent e) => e.Kind == NoteEvent.Bend ? (e.Pitch, e.Velocity) == (0, 64) : e.Velocity < 64;

    /// <summary>[audio] The events of these frames.</summary>
    internal ReadOnlySpan<NoteEvent> Between(long from, long until)
    {
        var first = 0;
        while (first < Count && events[first].Frame < from) first++;
        var last = first;
        while (last < Count && events[last].Frame < until) last++;
        return new(events + first, last - first);
    }

    /// <summary>[audio] Frame of the last event of the present block, not before this one.</summary>
    internal long LastFrame(long frame) => Count == 0 ? frame : Math.Max(frame, events[Count - 1].Frame);

    /// <summary>[audio] A new block: empty, but for the offs of sources that are gone.</summary>
    internal void Begin(long frame)
    {
        Count = 0;
        cursors.AsSpan().Clear();
        for (var source = 0; gone != 0; source++, gone >>= 1)
            if ((gone & 1) != 0) Release(source, frame);
    }

    /// <summary>[audio] Ends all notes of a source, lifts its pedals and centres its bends (facts/bard.md R9, R13).</summary>
    internal void Release(int source, long frame)
    {
        for (var w = 0; w < Words; w++)
            while (sounding[source * Words + w] is var word and not 0)
            {
                var key = w * 64 + BitOperations.TrailingZeroCount(word);
                Send(new NoteEvent(frame, (byte)(NoteEvent.Off | key >> 7), (byte)(key & 127), 64, (byte)source));
            }
        while (pulled[source] is var bits and not 0)
        {
            var (channel, which) = Math.DivRem(BitOperations.TrailingZeroCount(bits), 4);
            Send(which == 3 ? new NoteEvent(frame, (byte)(NoteEvent.Bend | channel), 0, 64, (byte)source)
                : new NoteEvent(frame, (byte)(NoteEvent.Control | channel), which switch { 0 => 64, 1 => 66, _ => 69 }, 0, (byte)source));
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
        (Count, Sounding, pulledCount, gone, heard) = (0, 0, 0, 0, 0);
        Array.Clear(sources);
        new Span<ulong>(sounding, MostSources * Words).Clear();
        new Span<ulong>(pulled, MostSources).Clear();
    }

    /// <summary>[main, frozen] Gives the memory back.</summary>
    public void Dispose()
    {
        NativeMemory.Free(events);
        NativeMemory.Free(sounding);
        NativeMemory.Free(pulled);
    }
}
