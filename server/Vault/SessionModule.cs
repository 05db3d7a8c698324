using OscLooper.Server.Addressing;

namespace OscLooper.Server.Vault;

/// <summary>[main] /session: everything there is, by name (addresses.md section 7).</summary>
sealed class SessionModule : Module
{
    readonly Server server;
    readonly Desk desk;
    readonly AudioSide audio;
    readonly Errand name;

    public SessionModule(Branch at, Server server)
    {
        (this.server, desk, audio) = (server, at.Desk, at.Audio);
        var named = Spec.Label;
        at.Job("new", [named.OrNothing()], "Everything as at the first start, under a name or none. What was open is saved before.", call => Begin(call, optional: true, (name, then) => Vault.NewSession(name, why => then(new(why, [], why is null)))), Traits.Destroys);
        at.Job("save", [named.OrNothing()], "Saves everything (imps, patch, values, audio, undo layers, phases) as a session, which is the open one from then on; without a name the open one.", Save);
        at.Job("load", [named], "Opens a session in its youngest state that is safe on disk, saved by itself or on purpose; what sounds fades into it. What was open is saved before, and stays when nothing can be read. "
            + "What is damaged is told: .damaged file what, .changed file what; /fail when something of it is lost, and the rest is open then.", Load, Traits.Destroys);
        at.Job("list", [], "Lists the sessions: .item name saved (time) by_itself (1 = never saved on purpose).", List);
        name = at.Setting("name", Spec.Text, "The open session; empty when it has no name.", traits: Traits.ReadOnly);
    }

    Vault Vault => server.Vault;

    /// <summary>[main] Shows which one is open.</summary>
    public void Show(string open) => desk.Publish(name, -1, open);

    void Begin(JobCall call, bool optional, Action<string, Action<Vault.Saved>> what, bool isSave = false)
    {
        ((Call)call).NeedsAudio = !isSave;
        var wanted = call.Text(0);
        if (!Vault.IsOpen) call.Fail(Reason.Refused, "this server keeps no vault (--vault)");
        else if (!(optional && wanted.Length == 0) && !Names.IsSafe(wanted)) call.Fail(Reason.OutOfRange, $"the name of a session is a plain one of at most {Names.Longest} bytes: letters, digits, spaces, - _ .");
        else if (!isSave && server.AudioHang.Length > 0) call.Fail(Reason.Failed, server.AudioHang);
        // What this client sent before has taken effect when the audio side answers.
        else VaultModule.AfterAll(call, server, () => what(wanted, saved =>
        {
            foreach (var warning in saved.Warnings) call.Reply(".warning", warning);
            if (saved.Why is null) call.Done(wanted);
            else call.Fail(Reason.Failed, saved.Why);
        }));
    }

    /// <summary>[audio] Has come so far.</summary>
    public override void Handle(in Event e)
    {
        if (e.Kind == EventKind.Ask) audio.Answer(e);
    }

    void Save(JobCall call)
    {
        if (call.Count == 0 && Vault.Session.Length == 0 && Vault.IsOpen) call.Fail(Reason.Refused, "what is open has no name yet: /session/save NAME");
        else if (call.Count > 0) Begin(call, optional: false, Vault.SaveSession, isSave: true);
        else Begin(call, optional: true, (_, then) => Vault.SaveSession(Vault.Session, then), isSave: true);
    }

    void Load(JobCall call)
    {
        IReadOnlyList<(string Name, string Saved, bool IsAutomatic)> there = [];
        void Open() => Begin(call, optional: false, (name, then) => Vault.LoadSession(name, (why, found) =>
        {
            foreach (var damage in found) call.Reply(damage.IsLoss ? ".damaged" : ".changed", damage.File, damage.Why);
            // It is open, but not as it was saved: nobody is told that all is well.
            if (why is null && found.Any(d => d.IsLoss)) why = $"session {name} is open, but {string.Join("; ", found.Where(d => d.IsLoss))}";
            then(new(why, [], why is null));
        }));
        if (!Vault.IsOpen || !Names.IsSafe(call.Text(0))) Open();
        else call.OnWorker(() => there = Vault.List(), () =>
        {
            if (there.Any(s => s.Name == call.Text(0))) Open();
            else call.Fail(Reason.NotFound, $"there is no session {call.Text(0)}; /session/list shows which there are");
        });
    }

    void List(JobCall call)
    {
        IReadOnlyList<(string Name, string Saved, bool IsAutomatic)> there = [];
        if (!Vault.IsOpen) call.Fail(Reason.Refused, "this server keeps no vault (--vault)");
        else call.OnWorker(() => there = Vault.List(), () =>
        {
            foreach (var (each, saved, isAutomatic) in there) call.Reply(".item", each, saved, isAutomatic ? 1 : 0);
            call.Done(there.Count);
        });
    }
}
