namespace OscLooper.Tests.Server.Vault;

/// <summary>One leaf of each kind that is remembered, some that are not, rows, and a file of its own.</summary>
[Module("memo", "Remembers.")]
sealed class MemoModule : Module, IPersist
{
    readonly Rows rows;
    readonly AudioSide audio;
    readonly Parameter told, broken;

    public MemoModule(Branch at)
    {
        audio = at.Audio;
        at.Parameter("level", Spec.Range(-60, 12, 0), "A number.");
        at.Parameter("exact", Spec.Range(0, 1e9, 0).In64Bits(), "64 bits.");
        at.Parameter("mode", Spec.Choice("off", "auto", "on"), "A word.");
        at.Parameter("pair", [Spec.Count(1, 64, 4), Spec.Count(1, 64, 4)], "Two numbers.");
        at.Setting("name", Spec.Text, "A text.", change => change.Text != "bad");
        at.Setting("trace", Spec.Switch(), "A number on the main side.");
        at.Parameter("passing", Spec.Range(0, 1, 0), "Not remembered.", Traits.Fleeting);
        told = at.Parameter("told", Spec.Range(0, 1, 0), "Only the module sets it.", Traits.ReadOnly);
        at.Gauge("gauge", Spec.Range(0, 1, 0), "Sampled.");
        rows = at.Rows("row");
        rows.Each.Parameter("level", Spec.Range(0, 4, 1), "Of each row.");
        rows.Add();
        rows.Add();
        at.Job("drop", [], "Removes row 2.", call =>
        {
            rows.Remove(1);
            call.Done();
        });
        at.Job("nan", [], "Breaks the rule.", call => call.Ask(_ => call.Done()));
        broken = at.Parameter("broken", Spec.Range(0, 1, 0.25), "May become no number.");
    }

    /// <summary>What it keeps in a file.</summary>
    public string Text { get; set; } = "";
    public int Saves { get; private set; }
    public Action? OnSave { get; set; }
    public int DataVersion { get; init; } = 1;

    public void Save(DirectoryInfo folder)
    {
        Saves++;
        OnSave?.Invoke();
        File.WriteAllText(Path.Combine(folder.FullName, "text.txt"), Text);
    }

    public void Load(DirectoryInfo folder, int version) => Text = version == 0 ? "" : File.ReadAllText(Path.Combine(folder.FullName, "text.txt"));

    public override void Handle(in Event e)
    {
        if (e.Kind == EventKind.Set && e.A == 666) throw new InvalidOperationException("planted");
        if (e.Kind != EventKind.Ask) return;
        broken.Set(double.PositiveInfinity);
        told.Set(1);
        audio.Answer(e);
    }
}
