namespace OscLooper.Enchanter;

/// <summary>[main] Which control drives which address, and the driving.</summary>
sealed class Binder(Speaker desk, IReadOnlyList<Profile> profiles)
{
    internal const int MostBindings = 4096;

    readonly Dictionary<string, List<Bond>> bonds = [];
    readonly HashSet<string> own = [];
    readonly HashSet<string> defaults = [];
    readonly HashSet<Profile> changed = new(ReferenceEqualityComparer.Instance);

    /// <summary>[main] All bindings, in the order in which they were made.</summary>
    internal IEnumerable<Binding> All => bonds.Values.SelectMany(b => b).Select(b => b.Binding);

    /// <summary>[main] Bindings that the player made or took away; the others follow the profiles.</summary>
    internal IEnumerable<string> Own => own;

    /// <summary>[main] Told after every change of the bindings.</summary>
    internal Action? Changed { get; set; }

    /// <summary>[main] Told when a bound value changes, with the control.</summary>
    internal Action<string>? Moved { get; set; }

    /// <summary>[main] Finds "profile/control", with or without /controller/ before it.</summary>
    internal (Profile Profile, string Name)? Find(string control)
    {
        const string Prefix = "/controller/";
        if (control.StartsWith(Prefix, StringComparison.Ordinal)) control = control[Prefix.Length..];
        var slash = control.IndexOf('/');
        if (slash < 0 || profiles.FirstOrDefault(p => p.Name == control[..slash]) is not { } profile) return null;
        var name = control[(slash + 1)..];
        return profile.Knows(name) ? (profile, name) : null;
    }

    /// <summary>[main] Binds, beside what the control drives already; the same address again replaces.</summary>
    internal bool Bind(string control, string target, double? low, double? high, string how, out string why, bool isDefault = false)
    {
        if (Find(control) is not var (profile, name))
        {
            why = $"no controller has a control \"{control}\"";
            return false;
        }
        var full = $"{profile.Name}/{name}";
        if (isDefault && own.Contains(full))
        {
            why = "";
            return true;
        }
        if (Binding.Read(full, target, low, high, how, out why) is not { } binding) return false;
        if (bonds.Values.Sum(b => b.Count) >= MostBindings)
        {
            why = $"more than {MostBindings} bindings";
            return false;
        }
        // A player's own binding replaces what the profile had there.
        if (!isDefault && defaults.Remove(full)) Drop(full, _ => true);
        if (isDefault) defaults.Add(full);
        else own.Add(full);
        Drop(full, b => b.Binding.Target == binding.Target);
        var isContinuous = profile.Find(name) is { IsPressed: false };
        var bond = new Bond(binding, desk, isContinuous);
        bond.Changed = () => Moved?.Invoke(full);
        if (!bonds.TryGetValue(full, out var list)) bonds[full] = list = [];
        list.Add(bond);
        TellQuiet(profile);
        Changed?.Invoke();
        return true;
    }

    /// <summary>[main] A scheme's own binding, in place of what the scheme or the profile had there; a control that the player has bound stays his.</summary>
    internal void Offer(string control, string target, double low, double high)
    {
        if (own.Contains(control)) return;
        Drop(control, _ => true);
        Bind(control, target, low, high, "", out _, isDefault: true);
    }

    /// <summary>[main] The control drives nothing any more (or not this address); how many bindings that were.</summary>
    internal int Unbind(string control, string target, out string why)
    {
        why = "";
        if (Find(control) is not var (profile, name))
        {
            why = $"no controller has a control \"{control}\"";
            return 0;
        }
        var full = $"{profile.Name}/{name}";
        var gone = Drop(full, b => target == "" || b.Binding.Target == target || b.Binding.Address == target);
        if (gone == 0)
        {
            why = $"{full} drives nothing of that kind";
            return 0;
        }
        defaults.Remove(full);
        own.Add(full);
        TellQuiet(profile);
        Changed?.Invoke();
        return gone;
    }

    int Drop(string control, Predicate<Bond> which)
    {
        if (!bonds.TryGetValue(control, out var list)) return 0;
        foreach (var bond in list.FindAll(which)) bond.Dispose();
        var gone = list.RemoveAll(which);
        if (list.Count == 0) bonds.Remove(control);
        return gone;
    }

    /// <summary>[main] Everything as the profiles have it (of one controller, or of all).</summary>
    internal void Reset(Profile? only)
    {
        foreach (var profile in profiles.Where(p => only is null || p == only))
        {
            foreach (var control in bonds.Keys.Where(k => k.StartsWith(profile.Name + "/", StringComparison.Ordinal)).ToArray()) Drop(control, _ => true);
            own.RemoveWhere(c => c.StartsWith(profile.Name + "/", StringComparison.Ordinal));
            defaults.RemoveWhere(c => c.StartsWith(profile.Name + "/", StringComparison.Ordinal));
            foreach (var bound in profile.Bindings) Bind($"{profile.Name}/{bound.Control}", bound.Address, bound.Low, bound.High, bound.How, out _, isDefault: true);
            TellQuiet(profile);
        }
        Changed?.Invoke();
    }

    /// <summary>[main] The player's own bindings as they were: everything else follows the profiles.</summary>
    internal void Restore(IEnumerable<string> controls, IEnumerable<Binding> bindings)
    {
        Reset(null);
        var wanted = controls.ToHashSet();
        foreach (var control in wanted)
        {
            if (Find(control) is null) continue;
            own.Add(control);
            defaults.Remove(control);
            Drop(control, _ => true);
        }
        foreach (var b in bindings.Where(b => wanted.Contains(b.Control))) Bind(b.Control, b.Target, b.Low, b.High, b.How, out _);
        TellQuiet();
        Changed?.Invoke();
    }

    /// <summary>[main] Tells the controllers which controls are bound.</summary>
    internal void TellQuiet()
    {
        foreach (var profile in profiles) TellQuiet(profile);
    }

    // What drives an address is not to be heard as a note or a controller as well; many bindings at once are told once.
    void TellQuiet(Profile profile)
    {
        if (changed.Add(profile) && changed.Count == 1)
            desk.Post(() =>
            {
                Profile[] all = [.. changed];
                changed.Clear();
                foreach (var one in all) SendQuiet(one);
            });
    }

    void SendQuiet(Profile profile)
    {
        var prefix = profile.Name + "/";
        var quiet = bonds.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k[prefix.Length..]).Where(name => !name.StartsWith("command/", StringComparison.Ordinal));
        desk.Send($"/controller/{profile.Name}/quiet", string.Join(' ', quiet));
    }

    /// <summary>[main] Somebody here has said so to an address: whoever is bound to it knows.</summary>
    internal void Heard(string address, object[] values)
    {
        foreach (var list in bonds.Values)
            foreach (var bond in list)
                if (bond.Binding.Address == address && bond.Binding.Fixed.Count == 0) bond.Heard(address, values);
    }

    /// <summary>[main] The control is bound.</summary>
    internal bool IsBound(string control) => bonds.ContainsKey(control);

    /// <summary>[main] The value that a control drives lies in the upper half; null when it drives none.</summary>
    internal bool? IsHigh(string control) => bonds.TryGetValue(control, out var list) && list.Count > 0 ? list[0].IsHigh : null;

    /// <summary>[main] A button of a controller.</summary>
    internal void Press(string control, bool isDown, double velocity, long? frame)
    {
        if (!bonds.TryGetValue(control, out var list)) return;
        foreach (var bond in list.ToArray()) bond.Press(isDown, velocity, frame);
    }

    /// <summary>[main] Anything that turns or slides; steps = clicks since the last time, for encoders.</summary>
    internal void Move(string control, ControlKind kind, double value, int steps)
    {
        if (!bonds.TryGetValue(control, out var list)) return;
        foreach (var bond in list.ToArray())
            if (kind == ControlKind.Encoder) bond.Turn(steps);
            else if (kind is ControlKind.Knob or ControlKind.Slider) bond.MoveTo(value);
            else bond.Set(kind == ControlKind.Bend ? (value + 1) / 2 : value);
    }

    /// <summary>[main] Where a device's knobs stand is not known any more.</summary>
    internal void Forget(string profile)
    {
        foreach (var (control, list) in bonds)
            if (control.StartsWith(profile + "/", StringComparison.Ordinal))
                foreach (var bond in list) bond.Forget();
    }

    /// <summary>[main] Nothing is watched any more.</summary>
    internal void Stop()
    {
        foreach (var bond in bonds.Values.SelectMany(b => b)) bond.Dispose();
        bonds.Clear();
        defaults.Clear();
    }
}
