namespace OscLooper.Server.Realtime;

/// <summary>[main] An imp in its slot: what <see cref="Engine.Load"/> is given. Slot 0 is the server, 1 the transport, 2 the audio device.</summary>
public sealed record ImpSlot(int Slot, Tree Tree, Module Module);

/// <summary>[any] What the engine keeps of an imp from schedule to schedule: its lanes, its traits, whether it fell.</summary>
sealed class Player : IDisposable
{
    readonly Dictionary<int, Lane> mixed = [];
    readonly int maxFrames;

    internal Player(ImpSlot imp, int maxFrames)
    {
        (Slot, Name, Module, Audio, this.maxFrames) = (imp.Slot, imp.Tree.Name, imp.Module, imp.Tree.Audio, maxFrames);
        SelfCutting = imp.Module as ISelfCutting;
        NoteIns = [.. imp.Tree.NoteIns.Select(_ => new NoteLane())];
        NoteOuts = [.. imp.Tree.NoteOuts.Select(_ => new NoteLane())];
        Outs = [.. Enumerable.Range(0, imp.Tree.Outs.Sum(p => p.Lanes)).Select(_ => new Lane(maxFrames))];
    }

    internal int Slot { get; }
    internal string Name { get; }
    internal Module Module { get; }
    internal ISelfCutting? SelfCutting { get; }
    internal AudioSide Audio { get; }
    internal Lane[] Outs { get; }
    internal NoteLane[] NoteIns { get; }
    internal NoteLane[] NoteOuts { get; }

    /// <summary>[audio] It threw, and is bypassed.</summary>
    internal volatile Exception? Fault;

    /// <summary>[main] The lane into which several sources of an in-lane are added; made when first needed.</summary>
    internal Lane MixedInto(int inLane)
    {
        if (!mixed.TryGetValue(inLane, out var lane)) mixed[inLane] = lane = new Lane(maxFrames);
        return lane;
    }

    public void Dispose()
    {
        foreach (var lane in Outs.Concat(mixed.Values)) lane.Dispose();
        foreach (var lane in NoteIns.Concat(NoteOuts)) lane.Dispose();
    }
}
