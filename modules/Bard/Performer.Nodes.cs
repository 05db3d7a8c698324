namespace OscLooper.Bard;

/// <summary>[audio] What a node of the memory stands for.</summary>
enum NodeKind : byte
{
    Free,
    /// <summary>A key that a player holds.</summary>
    Root,
    /// <summary>A note that sounds.</summary>
    Leaf,
    /// <summary>A note that begins or ends by the clock.</summary>
    Timed,
    /// <summary>A note that its stage keeps: an arpeggio's key, a latched one.</summary>
    Held,
}

/// <content>[audio] The memory: nodes in a fixed array, linked into trees.</content>
sealed partial class Performer
{
    internal const int None = -1;

    internal struct Node
    {
        public int Parent, FirstChild, Next, Previous, Generation, Key;
        public NodeKind Kind;
        public Note Note;
        public Stage Stage;
        public long CloseDelay, Length;
    }

    readonly Node[] nodes;
    int made, free = None;

    /// <summary>[audio] Nodes in use.</summary>
    internal int Alive { get; private set; }

    internal ref Node At(int node) => ref nodes[node];

    internal int Add(int parent, NodeKind kind, in Note note, Stage stage)
    {
        int node;
        if (free != None) (node, free) = (free, nodes[free].Next);
        else if (made < nodes.Length) node = made++;
        else return None;
        ref var n = ref nodes[node];
        (n.Kind, n.Note, n.Stage, n.Key, n.CloseDelay, n.Length) = (kind, note, stage, None, 0, 0);
        (n.Parent, n.FirstChild, n.Next, n.Previous) = (parent, None, None, None);
        Alive++;
        if (parent == None) return node;
        n.Next = nodes[parent].FirstChild;
        if (n.Next != None) nodes[n.Next].Previous = node;
        nodes[parent].FirstChild = node;
        return node;
    }

    internal void Detach(int node)
    {
        ref var n = ref nodes[node];
        if (n.Parent == None) return;
        if (n.Previous != None) nodes[n.Previous].Next = n.Next;
        else nodes[n.Parent].FirstChild = n.Next;
        if (n.Next != None) nodes[n.Next].Previous = n.Previous;
        (n.Parent, n.Next, n.Previous) = (None, None, None);
    }

    /// <summary>[audio] Frees a node that has no children any more.</summary>
    internal void Remove(int node)
    {
        Detach(node);
        ref var n = ref nodes[node];
        if (n.Kind == NodeKind.Root) held[n.Key] = None;
        n.Kind = NodeKind.Free;
        n.Generation++;
        n.Next = free;
        free = node;
        Alive--;
    }

    /// <summary>[audio] Its parent, or the player, lets go: it ends now, or when its stage says.</summary>
    internal void Release(int node, long frame)
    {
        ref var n = ref nodes[node];
        switch (n.Kind)
        {
            case NodeKind.Leaf:
                Ledger.Off(n.Key, frame);
                Remove(node);
                break;
            case NodeKind.Held:
                n.Stage.Released(this, node, frame);
                break;
            case NodeKind.Timed when n.CloseDelay > 0 && Timetable.Add(frame + n.CloseDelay, false, node, n.Generation):
                Detach(node);
                break;
            case NodeKind.Root or NodeKind.Timed:
                Finish(node, frame);
                break;
        }
    }

    /// <summary>[audio] Lets go of all that came of it, and of itself.</summary>
    internal void Finish(int node, long frame)
    {
        ReleaseChildren(node, frame);
        Remove(node);
    }

    /// <summary>[audio] Every child ends or is detached to end by itself.</summary>
    internal void ReleaseChildren(int node, long frame)
    {
        while (nodes[node].FirstChild is var child && child != None) Release(child, frame);
    }

    /// <summary>[audio] Ends it with all below, at once.</summary>
    internal void End(int node, long frame)
    {
        while (nodes[node].FirstChild is var child && child != None) End(child, frame);
        if (nodes[node].Kind == NodeKind.Leaf) Ledger.Off(nodes[node].Key, frame);
        else if (nodes[node].Kind == NodeKind.Held) nodes[node].Stage.Ended(node);
        Remove(node);
    }

    void Press(int node, int pressure, long frame)
    {
        for (var child = nodes[node].FirstChild; child != None; child = nodes[child].Next) Press(child, pressure, frame);
        if (nodes[node].Kind == NodeKind.Leaf && nodes[node].Key is var key)
            Ledger.Message(key >> 11, key >> 7 & 15, NoteEvent.PolyPressure, key & 127, pressure, frame);
    }

    void ForgetAll()
    {
        for (var node = 0; node < made; node++)
        {
            nodes[node].Kind = NodeKind.Free;
            nodes[node].Generation++;
        }
        (made, free, Alive) = (0, None, 0);
    }
}
