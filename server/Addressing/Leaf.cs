namespace OscLooper.Server.Addressing;

/// <summary>[main] One address as the main side sees it: its declaration, its row and its slot. A view made on demand.</summary>
public readonly struct Leaf
{
    readonly AddressSpace space;

    internal Leaf(AddressSpace space, int target, Declaration declaration) => (this.space, Target, Declaration) = (space, target, declaration);

    /// <summary>[main] The number that events carry.</summary>
    public int Target { get; }
    /// <summary>[main] What was declared.</summary>
    public Declaration Declaration { get; }
    /// <summary>[main] Slot of its imp.</summary>
    public int Slot => Target >> Event.LeafBits;
    /// <summary>[main] Number within the imp.</summary>
    public int Number => Target & ((1 << Event.LeafBits) - 1);
    /// <summary>[main] Row of the repeated branch, or -1.</summary>
    public int Row => Rows.RowOf(Number);
    /// <summary>[main] Full address (made on demand).</summary>
    public string Address => space.AddressOf(Target);
    /// <summary>[main] Numbers as they are now: of a sampled leaf as the audio side keeps them, of others as last reported.</summary>
    public Cell Value => space.ValueOf(Target);
    /// <summary>[main] Text as it is now.</summary>
    public string Text => space.TextOf(Target);
    /// <summary>[main] True when any of its values is shown as a word or text.</summary>
    public bool IsWord => Declaration.Specs.Any(s => s.Tag == 's');
}
