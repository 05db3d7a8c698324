using OscLooper.Dsp;

namespace OscLooper.Server.Realtime;

/// <summary>[main] An imp in its slot: what <see cref="Engine.Load"/> is given. Slot 0 is the server, 1 the transport, 2 the audio device.</summary>
public sealed record ImpSlot(int Slot, Tree Tree, Module Module);

/// <summary>[any] What the engine keeps of an imp from schedule to schedule: its lanes, its traits, whether it fell.</summary>
sealed class Player : IDisposable
{
    readonly Dictionary<int, Lane> mixed = [];
    readonly int maxFrames;
    readonly RaisedCosine curve;
    // Who played nonsense may have been absurdly loud already before: it does not fall from there.
    const float LoudestFall = 4;

    readonly float[] last, fallFrom;
    readonly IReadOnlyList<(string Name, int FirstLane, int Lanes)> ports;
    readonly bool isExamined;
    long fallStart, badFrame;
    int badLane;
    float badSample;
    bool hasPlayed, isLastSilent;

    internal Player(ImpSlot imp, int maxFrames, RaisedCosine curve)
    {
        (Slot, Name, Module, Audio, this.maxFrames, this.curve) = (imp.Slot, imp.Tree.Name, imp.Module, imp.Tree.Audio, maxFrames, curve);
        SelfCutting = imp.Module as ISelfCutting;
        ports = imp.Tree.Outs;
        // The master plays what others have made, and they were examined.
        isExamined = imp.Tree.Name != PortLane.Device;
        NoteIns = [.. imp.Tree.NoteIns.Select(_ => new NoteLane())];
        NoteOuts = [.. imp.Tree.NoteOuts.Select(_ => new NoteLane())];
        Outs = [.. Enumerable.Range(0, imp.Tree.Outs.Sum(p => p.Lanes)).Select(_ => new Lane(maxFrames))];
        HasNoSound = SelfCutting is null && !IsSounding(Module.GetType());
        (last, fallFrom) = (new float[Outs.Length], new float[Outs.Length]);
    }

    static bool IsSounding(Type module) => module.GetMethod(nameof(Module.Process))?.DeclaringType != typeof(Module);

    internal int Slot { get; }
    internal string Name { get; }
    internal Module Module { get; }
    internal ISelfCutting? SelfCutting { get; }
    internal AudioSide Audio { get; }
    internal Lane[] Outs { get; }
    internal NoteLane[] NoteIns { get; }
    internal NoteLane[] NoteOuts { get; }

    /// <summary>[audio] It said that as long as it is given silence there is nothing to do for it.</summary>
    internal bool IsIdle { get; set; }

    /// <summary>[any] For how many stretches it was called.</summary>
    internal long Calls { get; private set; }

    /// <summary>[any] It sounds nothing and hears nothing, ever: events are all that reach its audio side.</summary>
    internal bool HasNoSound { get; }

    /// <summary>[any] The fault of an imp that did not throw, but played what is no sound; <see cref="BadSound"/> says more.</summary>
    internal static readonly Exception PlayedBadSound = new BadSoundException("");

    /// <summary>[audio] It threw or played what is no sound, and is bypassed.</summary>
    internal volatile Exception? Fault;

    /// <summary>[main] Where it played what is no sound, and what that was.</summary>
    internal string BadSound
    {
        get
        {
            var place = badLane;
            foreach (var port in ports)
                if (place < port.Lanes) return $"{Name}:{port.Name}/{place + 1} played {Worded(badSample)} at frame {badFrame}";
                else place -= port.Lanes;
            return $"{Name} played {Worded(badSample)}";
        }
    }

    static string Worded(float sample) =>
        float.IsNaN(sample) ? "what is not a number" : float.IsInfinity(sample) ? "an infinity" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{sample:G3}, beyond +80 dB,");

    /// <summary>[audio] The first of these frames at which what it played is no sound; -1 when all is.</summary>
    internal unsafe long FirstBad(long blockStart, long from, long until)
    {
        if (!isExamined) return -1;
        var first = -1L;
        for (var lane = 0; lane < Outs.Length; lane++)
        {
            var start = Outs[lane].Start + (from - blockStart);
            if (Samples.FirstBad(new ReadOnlySpan<float>(start, (int)(until - from))) is not (>= 0 and var bad) || first >= 0 && from + bad >= first) continue;
            (first, badLane, badSample, badFrame) = (from + bad, lane, start[bad], from + bad);
        }
        return first;
    }

    /// <summary>[main] The lane into which an in-lane's sources are added; made when first needed.</summary>
    internal Lane MixedInto(int inLane)
    {
        if (!mixed.TryGetValue(inLane, out var lane)) mixed[inLane] = lane = new Lane(maxFrames);
        return lane;
    }

    /// <summary>[main] True when the sources of this in-lane were ever added up or faded: then they always are, so that its past stays in one place.</summary>
    internal bool IsMixed(int inLane) => mixed.ContainsKey(inLane);

    /// <summary>[main, frozen] It comes back after a while: no note of that time sounds any more, no past is heard.</summary>
    internal void Forget()
    {
        foreach (var lane in NoteIns.Concat(NoteOuts)) lane.Forget();
        foreach (var lane in mixed.Values) lane.Forget();
        Array.Clear(last);
    }

    /// <summary>[audio] It is called for what follows in the block.</summary>
    internal void Begin(int offset)
    {
        hasPlayed = true;
        Calls++;
        Volatile.Write(ref Audio.MustProcess, false);
        foreach (var lane in Outs) lane.Written(offset);
    }

    /// <summary>[audio] Notes where each lane is at the end of a block: from there it falls when the imp throws in the next one.</summary>
    internal unsafe void KeepLast(int frames)
    {
        if (Fault is not null || (!hasPlayed && isLastSilent)) return;
        (isLastSilent, hasPlayed) = (!hasPlayed, false);
        for (var lane = 0; lane < Outs.Length; lane++) last[lane] = Outs[lane].Start[frames - 1];
    }

    /// <summary>[audio] It failed at this frame: from now on each lane falls from its last good sample to silence.</summary>
    internal unsafe void Fall(Exception fault, long blockStart, long from, long until)
    {
        Fault = fault;
        fallStart = from;
        for (var lane = 0; lane < Outs.Length; lane++)
        {
            fallFrom[lane] = Math.Clamp(from > blockStart ? Outs[lane].Start[from - 1 - blockStart] : last[lane], -LoudestFall, LoudestFall);
            new Span<float>(Outs[lane].Start + (from - blockStart), (int)(until - from)).Clear();
            Outs[lane].FallsUntil = from + curve.Frames;
        }
        Fall(blockStart, from, until);
    }

    /// <summary>[audio] The part of the fall that lies in these frames.</summary>
    internal unsafe void Fall(long blockStart, long from, long until)
    {
        until = Math.Min(until, fallStart + curve.Frames);
        if (until > from)
            foreach (var lane in Outs) lane.Written((int)(from - blockStart));
        for (var lane = 0; lane < Outs.Length; lane++)
            for (var frame = from; frame < until; frame++)
                Outs[lane].Start[frame - blockStart] = fallFrom[lane] * (1 - curve.At(frame - fallStart + 1));
    }

    public void Dispose()
    {
        foreach (var lane in Outs.Concat(mixed.Values)) lane.Dispose();
        foreach (var lane in NoteIns.Concat(NoteOuts)) lane.Dispose();
    }
}

/// <summary>[any] An imp played what is no sound: not a number, infinite, or beyond +80 dB.</summary>
public sealed class BadSoundException(string message) : Exception(message);
