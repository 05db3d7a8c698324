using OscLooper.Server.Addressing;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Vault;

/// <summary>[main] /vault: save now, and how it stands (addresses.md section 7).</summary>
sealed class VaultModule : Module
{
    readonly Server server;
    readonly Desk desk;
    readonly AudioSide audio;
    readonly Errand trouble, seq;

    public VaultModule(Branch at, Server server)
    {
        (this.server, desk, audio) = (server, at.Desk, at.Audio);
        at.Job("save", [], "Saves now; /done carries the number of what is safe on disk; a .warning comes before for each imp that could not say what it has. Without asking, values are saved 1 s after the last change, 5 s at most.", Save);
        at.Job("status", [], "Answers /vault/status.reply: folder, session, number of the last save, seconds since then (-1 = none yet), 1 when changes wait, why the last save failed.", Status);
        seq = at.Setting("seq", new Spec { Min = 0, Max = 1L << 53, Whole = true, Wide = true }, "Number of the last save that is safe on disk.", traits: Traits.ReadOnly);
        trouble = at.Setting("trouble", Spec.Text, "Why the last save failed; empty when it did not.", traits: Traits.ReadOnly);
    }

    /// <summary>[main] Shows how it stands.</summary>
    public void Show(Vault vault)
    {
        desk.Publish(seq, -1, vault.Seq);
        desk.Publish(trouble, -1, vault.Trouble);
    }

    void Save(JobCall call)
    {
        if (!server.Vault.IsOpen) call.Fail(Reason.Refused, "this server keeps no vault (--vault)");
        // What this client sent before has taken effect when the audio side answers.
        else AfterAll(call, server, () => server.Vault.Save(saved =>
        {
            foreach (var warning in saved.Warnings) call.Reply(".warning", warning);
            if (saved.Why is null) call.Done(server.Vault.Seq);
            else call.Fail(Reason.Failed, saved.Why);
        }));
    }

    /// <summary>[main] When all that was said before has taken effect; while the audio side stands still, at once: what can be saved is saved.</summary>
    internal static void AfterAll(JobCall call, Server server, Action what)
    {
        ((Call)call).WaitsFor = () => server.Vault.Doing;
        // (While the audio side stands still there is nothing that could take effect.)
        if (server.AudioHang.Length > 0) what();
        else call.Ask(_ => what());
    }

    /// <summary>[audio] Has come so far.</summary>
    public override void Handle(in Event e)
    {
        if (e.Kind == EventKind.Ask) audio.Answer(e);
    }

    void Status(JobCall job)
    {
        var (call, vault) = ((Call)job, server.Vault);
        var since = vault.SavedAt < 0 ? -1 : (server.Timing.Now - vault.SavedAt) / 1e9;
        server.Postman.Say(call.Client, "/vault/status.reply", vault.Folder, vault.Session, vault.Seq, (float)since, vault.IsDirty ? 1 : 0, vault.Trouble);
        call.End();
    }
}
