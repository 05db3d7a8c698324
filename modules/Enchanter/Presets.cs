namespace OscLooper.Enchanter;

/// <summary>[main] What addresses said once, by name: store and recall.</summary>
sealed class Presets(Desk desk, Speaker speaker, Binder binder, IReadOnlyDictionary<string, Scheme> schemes)
{
    /// <summary>[main] All, by name; replaced, never changed.</summary>
    internal IReadOnlyDictionary<string, Preset> All { get; set; } = new Dictionary<string, Preset>();

    /// <summary>[main] Told after every change.</summary>
    internal Action? Changed { get; set; }

    /// <summary>[main] Keeps what the patterns match (or everything bound); false when there are too many presets.</summary>
    internal bool Store(string name, string[] patterns)
    {
        if (All.Count >= Memory.MostPresets && !All.ContainsKey(name)) return false;
        var values = new Dictionary<string, object[]>();
        if (patterns.Length == 0) patterns = [.. binder.All.Where(b => b.Mode != PressMode.Press || b.Low is not null).Select(b => b.Address).Distinct()];
        foreach (var pattern in patterns)
            using (desk.Watch(pattern, (address, value) =>
            {
                if (values.Count < Memory.MostValues) values[address] = value;
            })) { }
        All = new Dictionary<string, Preset>(All) { [name] = new(values, schemes.Where(s => s.Value.State is not null).ToDictionary(s => s.Key, s => s.Value.State!)) };
        Changed?.Invoke();
        return true;
    }

    /// <summary>[main] Sends all of it; false when there is none of that name.</summary>
    internal bool Recall(string name)
    {
        if (!All.TryGetValue(name, out var preset)) return false;
        foreach (var (address, values) in preset.Values) speaker.Send(address, values);
        foreach (var (scheme, state) in preset.Schemes)
            if (schemes.TryGetValue(scheme, out var known)) known.State = state;
        return true;
    }

    /// <summary>[main] Forgets one; false when there is none of that name.</summary>
    internal bool Remove(string name)
    {
        if (!All.ContainsKey(name)) return false;
        All = All.Where(p => p.Key != name).ToDictionary();
        Changed?.Invoke();
        return true;
    }
}
