namespace OscLooper;

/// <summary>[main] A place in the address space where a module declares what it offers.</summary>
public sealed class Branch
{
    readonly Tree tree;
    readonly string path;
    readonly Rows? rows;

    internal Branch(Tree tree, string path, Rows? rows) => (this.tree, this.path, this.rows) = (tree, path, rows);

    /// <summary>[audio] What the module may use while it sounds.</summary>
    public AudioSide Audio => tree.Audio;
    /// <summary>[main] What the module may use on the main side.</summary>
    public Desk Desk => tree.Desk;
    /// <summary>[main] What the command line said.</summary>
    public ModuleSettings Settings => tree.Settings;

    /// <summary>[main] A container below this one.</summary>
    public Branch Child(string name) => new(tree, path + name + "/", rows);

    /// <summary>[main] A repeated branch, e.g. Rows("channel") for channel/1, channel/2 ...</summary>
    public Rows Rows(string name) => tree.AddRows(path + name);

    /// <summary>[main] A number the audio side reads, sample-accurately.</summary>
    public Parameter Parameter(string name, Spec spec, string summary, Traits traits = Traits.None) => Parameter(name, [spec], summary, traits);

    /// <summary>[main] Up to three numbers that change together.</summary>
    public Parameter Parameter(string name, Spec[] specs, string summary, Traits traits = Traits.None) =>
        new(tree.Audio, tree.Add(path + name, LeafKind.Parameter, specs, summary, traits, rows, null, null));

    /// <summary>[main] A number that only the module writes, sampled when somebody looks (positions, levels).</summary>
    public Parameter Gauge(string name, Spec spec, string summary) => Parameter(name, spec, summary, Traits.ReadOnly | Traits.Sampled);

    /// <summary>[main] An action the audio side performs, sample-accurately; up to three numbers.</summary>
    public Command Command(string name, string summary, params Spec[] specs) => Command(name, summary, Traits.None, specs);

    /// <summary>[main] An action the audio side performs, sample-accurately; up to three numbers.</summary>
    public Command Command(string name, string summary, Traits traits, params Spec[] specs) =>
        new(tree.Add(path + name, LeafKind.Command, specs, summary, traits, rows, null, null));

    /// <summary>[main] A text or number kept on the main side; change is called before it is kept and may refuse.</summary>
    public Errand Setting(string name, Spec spec, string summary, Func<SettingChange, bool>? change = null, Traits traits = Traits.None) =>
        new(tree.Add(path + name, LeafKind.Setting, [spec], summary, traits, rows, null, change));

    /// <summary>[main] An action that may wait; it ends with Done or Fail.</summary>
    public Errand Job(string name, Spec[] specs, string summary, Action<JobCall> run, Traits traits = Traits.None) =>
        new(tree.Add(path + name, LeafKind.Job, specs, summary, traits, rows, run, null));

    /// <summary>[main] A port through which sound comes in; lanes 0 = as many as audio:in.</summary>
    public AudioIn AudioIn(string name, int lanes = 0) => tree.AddAudioIn(path + name, lanes);

    /// <summary>[main] A port through which sound goes out; lanes 0 = as many as audio:out.</summary>
    public AudioOut AudioOut(string name, int lanes = 0) => tree.AddAudioOut(path + name, lanes);

    /// <summary>[main] A port through which notes come in.</summary>
    public NotesIn NotesIn(string name) => new(tree.AddNotes(tree.NoteIns, path + name));

    /// <summary>[main] A port through which notes go out.</summary>
    public NotesOut NotesOut(string name) => new(tree.AddNotes(tree.NoteOuts, path + name));
}
