namespace OscLooper.Server.Realm;

/// <summary>[main] /realm (addresses.md section 7).</summary>
sealed class RealmModule : Module
{
    static readonly string[] stateWords = [.. Enum.GetNames<ImpState>().Select(s => s.ToLowerInvariant())];

    sealed record Leaves(Errand State, Errand Reason, Errand Fault);

    readonly Branch at;
    readonly Realm realm;
    readonly Server server;
    readonly Errand health, hung;
    readonly Dictionary<string, Leaves> leaves = [];
    readonly int slot;

    public RealmModule(Branch at, Realm realm, Server server)
    {
        (this.at, this.realm, this.server, slot) = (at, realm, server, server.Imps.Count);
        at.Job("modules", [], "Lists the modules that are there: .item module version sentence path.", Modules);
        at.Job("imps", [], "Lists the imps: .item name module version state reason.", List);
        at.Job("load", [Spec.Label.Named("module"), Spec.Label.OrNothing()], "Makes an imp of a module; its name is the module's when none is given.", Load);
        at.Job("unload", [Spec.Label], "Fades an imp out and removes it; what it remembers is kept for a while.", Unload, Traits.Destroys);
        Spec[] ports = [Spec.Pattern.Named("from"), Spec.Pattern.Named("to")];
        at.Job("connect", ports, "Connects ports: imp:port, imp:port/lane, audio:in/1, midi:NAME. A circle is refused, and named. What comes fades in, from a block's start.", realm.Connect);
        at.Job("disconnect", ports, "Disconnects ports; the sound fades out, the notes end.", realm.Disconnect);
        at.Job("patch", [], "Lists the connections: .item from to missing (1 = one end is not there).", realm.ListPatch);
        at.Job("leaks", [], "Lists modules that were unloaded and are still held: .item imp holder.", Leaks);
        health = at.Setting("health", Spec.Text, "ok, or degraded and why.", traits: Traits.ReadOnly);
        hung = at.Setting("hung", Spec.Count(0, int.MaxValue), "Calls into modules that do not come back.", traits: Traits.ReadOnly);
    }

    /// <summary>[main] An imp's own addresses appear.</summary>
    public void Show(Imp imp)
    {
        if (!leaves.ContainsKey(imp.Name))
        {
            var own = at.Child("imp").Child(imp.Name);
            var name = imp.Name;
            leaves[name] = new(
                own.Setting("state", Spec.Choice(stateWords), "What it is doing.", traits: Traits.ReadOnly),
                own.Setting("reason", Spec.Text, "Why it is in this state; empty when nothing is wrong.", traits: Traits.ReadOnly),
                own.Setting("fault", Spec.Text, "What went wrong last, with its stack; empty when nothing did.", traits: Traits.ReadOnly));
            own.Job("freeze", [], "Fades it out; it stays as it is until unfreeze.", call => With(name, call, realm.Freeze), Traits.Destroys);
            own.Job("unfreeze", [], "Lets it play again.", call => With(name, call, realm.Unfreeze));
            own.Job("respawn", [], "Makes it anew from its DLL, with all it remembers; if that goes wrong the old one stays.", call => With(name, call, realm.RespawnOne), Traits.Destroys);
        }
        server.Space.Show(slot, $"imp/{imp.Name}/", true);
        Tell(imp);
    }

    /// <summary>[main] An imp's own addresses go.</summary>
    public void Hide(Imp imp) => server.Space.Show(slot, $"imp/{imp.Name}/", false);

    /// <summary>[main] An imp's state has changed.</summary>
    public void Tell(Imp imp)
    {
        if (!leaves.TryGetValue(imp.Name, out var its)) return;
        Keep(its.State, (double)imp.State);
        Keep(its.Reason, imp.Reason);
        Keep(its.Fault, imp.Fault);
    }

    /// <summary>[main] Health and counts are looked at now and then.</summary>
    public void Refresh()
    {
        Keep(health, realm.Health);
        Keep(hung, (double)realm.Hangs.Count);
    }

    void Keep(Errand setting, object value)
    {
        var target = slot << Event.LeafBits | setting.Leaf;
        if (!server.Space.IsAlive(target)) return;
        if (value is string text ? server.Space.TextOf(target) == text : server.Space.ValueOf(target).A == (double)value) return;
        server.Keep(target, value, 0);
    }

    void Modules(JobCall call)
    {
        foreach (var module in realm.Library.All) call.Reply(".item", module.Name, module.Version, module.Summary, module.Path);
        call.Done(realm.Library.All.Count);
    }

    void List(JobCall call)
    {
        foreach (var imp in realm.Imps) call.Reply(".item", imp.Name, imp.ModuleName, imp.Version, imp.State.ToString().ToLowerInvariant(), imp.Reason);
        call.Done(realm.Imps.Count);
    }

    void Leaks(JobCall call)
    {
        foreach (var (imp, holder) in realm.Leaks.Leaked) call.Reply(".item", imp, holder);
        call.Done(realm.Leaks.Leaked.Count, realm.Leaks.Pending);
    }

    void Load(JobCall call)
    {
        if (Hangs(call)) return;
        var module = call.Text(0);
        var name = call.Count > 1 ? call.Text(1) : module;
        if (!IsName(name)) call.Fail(Reason.OutOfRange, "a name is made of a-z, 0-9 and _, and begins with a letter");
        else if (realm.Library.Find(module) is null) call.Fail(Reason.NotFound, $"there is no module named {module} in {realm.Library.Folder}");
        else realm.LoadOne(name, module, call);
    }

    void Unload(JobCall call) => With(call.Text(0), call, realm.Unload);

    void With(string name, JobCall call, Action<Imp, JobCall> what)
    {
        if (Hangs(call)) return;
        if (realm.Find(name) is { } imp) what(imp, call);
        else call.Fail(Reason.NotFound, $"there is no imp named {name}");
    }

    // Nobody can come or go while the audio side stands still.
    bool Hangs(JobCall call)
    {
        ((Addressing.Call)call).NeedsAudio = true;
        if (server.AudioHang.Length > 0) call.Fail(OscLooper.Reason.Failed, server.AudioHang);
        return server.AudioHang.Length > 0;
    }

    // A node is a container or a method, never both, so a name is one part of an address; the server's own parts are taken.
    internal static bool IsName(string name) =>
        name.Length is > 0 and <= Spec.LongestName && char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
}
