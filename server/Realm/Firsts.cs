namespace OscLooper.Server.Realm;

/// <summary>
/// [main] What an imp that does not play is told before its first sample, in order, and never more than matters then: of what sets a leaf the last,
/// of what asks or fires one the last few (somebody may ask a frozen imp for ever).
/// </summary>
sealed class Firsts
{
    /// <summary>[any] So much is kept for one leaf beside its value.</summary>
    public const int MostOfOneLeaf = 256;

    sealed class Leaf
    {
        public LinkedListNode<Event>? Set;
        public readonly Queue<LinkedListNode<Event>> Others = new();
    }

    readonly LinkedList<Event> all = new();
    readonly Dictionary<int, Leaf> leaves = [];

    /// <summary>[main] All of it, in order.</summary>
    public IReadOnlyCollection<Event> All => all;

    /// <summary>[main] One more.</summary>
    public void Add(in Event e)
    {
        if (!leaves.TryGetValue(e.Target, out var leaf)) leaves[e.Target] = leaf = new Leaf();
        if (e.Kind == EventKind.Set)
        {
            if (leaf.Set is { } earlier) all.Remove(earlier);
            leaf.Set = all.AddLast(e);
            return;
        }
        if (leaf.Others.Count == MostOfOneLeaf) all.Remove(leaf.Others.Dequeue());
        leaf.Others.Enqueue(all.AddLast(e));
    }

    /// <summary>[main] It has been told.</summary>
    public void Clear()
    {
        all.Clear();
        leaves.Clear();
    }
}
