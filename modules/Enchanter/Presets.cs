namespace OscLooper.Enchanter;

/// <summary>[main] What addresses said once, by name: store and recall.</summary>
sealed class Presets(Desk desk, Speaker speaker, Binder binder, IReadOnlyDictionary<string, Scheme> schemes)
{
    /// <summary>[main] All, in the order in which they were stored; replaced, never changed.</summary>
    internal IReadOnlyList<Preset> All { get; set; } = [];

    /// <summary>[main] Told after every change.</summary>
    internal Action? Changed { get; set; }

    /// <summary>[main] Keeps what the patterns match (or everything bound); null, or why not.</summary>
    internal string? Store(string name, string[] patterns)
    {
        var others = All.Where(p => p.Name != name).ToArray();
        if (others.Length >= Memory.MostPresets) return $"there are {others.Length} presets; {Memory.MostPresets} is the most";
        var (values, count) = (new Dictionary<string, object[]>(), 0);
        if (patterns.Length == 0) patterns = [.. binder.All.Where(b => b.Mode != PressMode.Press || b.Low is not null).Select(b => b.Address).Distinct()];
        foreach (var pattern in patterns)
            using (desk.Watch(pattern, (address, value) =>
            {
                if (count <= Memory.MostValues && values.TryAdd(address, value)) count++;
            })) { }
        if (count > Memory.MostValues) return $"more than {Memory.MostValues} addresses match; that is the most for a preset";
        if (others.Length < All.Count) others = Chained(others);
        var fresh = new Preset(name, values, schemes.Where(s => s.Value.State is not null).ToDictionary(s => s.Key, s => s.Value.State!), others.LastOrDefault());
        if (others.Sum(p => p.Cost) + fresh.Cost > Memory.MostCharacters) return $"all presets together would say more than {Memory.MostCharacters >> 20} MiB; that is the most";
        All = [.. others, fresh];
        Changed?.Invoke();
        return null;
    }

    /// <summary>[main] Sends all of it; false when there is none of that name.</summary>
    internal bool Recall(string name)
    {
        if (All.FirstOrDefault(p => p.Name == name) is not { } preset) return false;
        foreach (var (address, values) in preset.Values) speaker.Send(address, values);
        foreach (var (scheme, state) in preset.Schemes)
            if (schemes.TryGetValue(scheme, out var known)) known.State = state;
        return true;
    }

    /// <summary>[main] Forgets one; false when there is none of that name.</summary>
    internal bool Remove(string name)
    {
        var others = All.Where(p => p.Name != name).ToArray();
        if (others.Length == All.Count) return false;
        All = Chained(others);
        Changed?.Invoke();
        return true;
    }

    // Whoever followed the one that has gone follows the one before that.
    Preset[] Chained(Preset[] left)
    {
        for (var i = 0; i < left.Length; i++)
            if (i >= All.Count || All[i] != left[i])
            {
                left[i] = left[i].After(i > 0 ? left[i - 1] : null);
                break;
            }
        return left;
    }
}
