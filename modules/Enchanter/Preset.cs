namespace OscLooper.Enchanter;

/// <summary>[any] What addresses said, by their names in order, and what the schemes had in mind. What the preset before it says, too, lies in memory once.</summary>
sealed class Preset
{
    readonly string[] addresses;
    readonly object[][] values;

    /// <summary>[any] Makes one; the preset before it is where equal things are taken from.</summary>
    internal Preset(string name, IEnumerable<KeyValuePair<string, object[]>> values, IReadOnlyDictionary<string, string> schemes, Preset? before)
    {
        (Name, Schemes) = (name, schemes);
        var all = values.OrderBy(v => v.Key, StringComparer.Ordinal).ToArray();
        addresses = before is not null && all.Length == before.Count && before.addresses.AsSpan().SequenceEqual(Array.ConvertAll(all, v => v.Key)) ? before.addresses : new string[all.Length];
        this.values = new object[all.Length][];
        for (var i = 0; i < all.Length; i++)
        {
            var place = before?.PlaceOf(all[i].Key, i) ?? -1;
            if (addresses != before?.addresses) addresses[i] = place >= 0 ? before!.addresses[place] : all[i].Key;
            this.values[i] = place >= 0 && before!.values[place].AsSpan().SequenceEqual(all[i].Value) ? before.values[place] : all[i].Value;
            if (place < 0 || !ReferenceEquals(this.values[i], before!.values[place])) Cost += CostOf(all[i].Key, all[i].Value);
        }
        if (before is not null) Cost += before.addresses.Where(a => PlaceOf(a, 0) < 0).Sum(a => (long)a.Length);
    }

    /// <summary>[any] What it is called.</summary>
    internal string Name { get; }
    /// <summary>[any] What the schemes had in mind.</summary>
    internal IReadOnlyDictionary<string, string> Schemes { get; }
    /// <summary>[any] How many addresses.</summary>
    internal int Count => addresses.Length;
    /// <summary>[any] About how many characters of the file it takes beside the preset before it.</summary>
    internal long Cost { get; } = 100;

    /// <summary>[any] All of it, ordered by address.</summary>
    internal IEnumerable<KeyValuePair<string, object[]>> Values => addresses.Zip(values, KeyValuePair.Create);

    /// <summary>[any] What an address said; null when it is not in it.</summary>
    internal object[]? Find(string address) => PlaceOf(address, 0) is var place and >= 0 ? values[place] : null;

    /// <summary>[any] The same after another preset: what costs memory and room is what differs from that.</summary>
    internal Preset After(Preset? before) => new(Name, Values, Schemes, before);

    // Mostly it is where it was before.
    int PlaceOf(string address, int hint) =>
        hint < addresses.Length && addresses[hint] == address ? hint : Array.BinarySearch(addresses, address, StringComparer.Ordinal) is var found and >= 0 ? found : -1;

    static long CostOf(string address, object[] values) => address.Length + 24 + values.Sum(v => v is string text ? text.Length + 24L : 32);
}
