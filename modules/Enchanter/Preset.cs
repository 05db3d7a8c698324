namespace OscLooper.Enchanter;

/// <summary>[any] What addresses said, in the order in which they were stored, and what the schemes had in mind. What the preset before it says, too, lies in memory once.</summary>
sealed class Preset
{
    readonly string[] addresses;
    readonly object[][] values;

    /// <summary>[any] Makes one; the preset before it is where equal things are taken from.</summary>
    internal Preset(string name, IEnumerable<KeyValuePair<string, object[]>> values, IReadOnlyDictionary<string, string> schemes, Preset? before)
    {
        (Name, Schemes) = (name, schemes);
        var all = values.ToArray();
        string[] own = Array.ConvertAll(all, v => v.Key);
        addresses = before is not null && before.addresses.AsSpan().SequenceEqual(own) ? before.addresses : own;
        this.values = new object[all.Length][];
        for (var i = 0; i < all.Length; i++)
        {
            var isSame = IsLike(before) && before!.values[i].AsSpan().SequenceEqual(all[i].Value);
            this.values[i] = isSame ? before!.values[i] : all[i].Value;
            if (!isSame) Cost += CostOf(all[i].Key, all[i].Value);
        }
    }

    /// <summary>[any] What it is called.</summary>
    internal string Name { get; }
    /// <summary>[any] What the schemes had in mind.</summary>
    internal IReadOnlyDictionary<string, string> Schemes { get; }
    /// <summary>[any] How many addresses.</summary>
    internal int Count => addresses.Length;
    /// <summary>[any] About how many characters of the file it takes beside the preset before it.</summary>
    internal long Cost { get; } = 100;

    /// <summary>[any] All of it.</summary>
    internal IEnumerable<KeyValuePair<string, object[]>> Values => addresses.Zip(values, KeyValuePair.Create);

    /// <summary>[any] Both say something of the same addresses, in the same order.</summary>
    internal bool IsLike(Preset? before) => before is not null && ReferenceEquals(addresses, before.addresses);

    /// <summary>[any] Where it says something else than a preset that it is like.</summary>
    internal IEnumerable<KeyValuePair<string, object[]>> Beside(Preset like) => Values.Where((v, i) => !v.Value.AsSpan().SequenceEqual(like.values[i]));

    /// <summary>[any] The same after another preset: what costs memory and room is what differs from that.</summary>
    internal Preset After(Preset? before) => new(Name, Values, Schemes, before);

    static long CostOf(string address, object[] values) => address.Length + 24 + values.Sum(v => v is string text ? text.Length + 24L : 32);
}
