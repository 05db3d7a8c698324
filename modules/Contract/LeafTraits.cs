namespace OscLooper;

/// <summary>[any] The traits of one imp's leaves by leaf number, laid out so that the audio side finds them without touching a declaration.</summary>
sealed class LeafTraits
{
    readonly byte[] single = new byte[Rows.FirstLeaf];
    readonly byte[] repeated;

    /// <summary>[main] Reads the declarations once.</summary>
    internal LeafTraits(Tree tree)
    {
        repeated = new byte[tree.Repeated.Count * Rows.Stride];
        foreach (var leaf in tree.Declarations)
            if (leaf.Leaf < Rows.FirstLeaf) single[leaf.Leaf] = (byte)leaf.Traits;
            else repeated[Place(leaf.Leaf)] = (byte)leaf.Traits;
    }

    /// <summary>[audio] Traits of a leaf of any row; none for a number that was never declared.</summary>
    internal Traits this[int leaf]
    {
        get
        {
            if (leaf < Rows.FirstLeaf) return (Traits)single[leaf];
            var place = Place(leaf);
            return place < repeated.Length ? (Traits)repeated[place] : Traits.None;
        }
    }

    static int Place(int leaf) => (leaf - Rows.FirstLeaf) / (Rows.Stride * Rows.MaxRows) * Rows.Stride + (leaf - Rows.FirstLeaf) % Rows.Stride;
}
