using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace OscLooper.Server.Realm.Isolation;

/// <summary>[any] What an imp has declared, as JSON: one process tells, the other declares the same, so that all numbers agree.</summary>
static class Described
{
    sealed record Leaf(string Name, LeafKind Kind, Spec[] Specs, string Summary, Traits Traits, int Rows);

    sealed record Port(string Name, int Lanes);

    sealed record Whole(Leaf[] Leaves, string[] RowNames, int[] RowCounts, Port[] Ins, Port[] Outs, string[] NoteIns, string[] NoteOuts, bool IsLive, bool IsPersist, bool IsCarry, int DataVersion);

    /// <summary>[main] Describes.</summary>
    public static JObject Of(Tree tree, Module module)
    {
        var rows = tree.Repeated.ToList();
        return JObject.FromObject(new Whole(
            [.. tree.Declarations.Select(d => new Leaf(d.Name, d.Kind, [.. d.Specs], d.Summary, d.Traits, d.Rows is null ? -1 : rows.IndexOf(d.Rows)))],
            [.. rows.Select(r => r.Name)], [.. rows.Select(r => r.Made)],
            [.. tree.Ins.Select(p => new Port(p.Name, p.Lanes))], [.. tree.Outs.Select(p => new Port(p.Name, p.Lanes))],
            [.. tree.NoteIns], [.. tree.NoteOuts], module is ILive, module is IPersist, module is ICarry, (module as IPersist)?.DataVersion ?? 1));
    }

    /// <summary>[worker] Declares the same.</summary>
    public static (AudioIn[] Ins, AudioOut[] Outs, NotesIn[] NoteIns, NotesOut[] NoteOuts, bool IsPersist, bool IsCarry, int DataVersion) Declare(
        JObject description, Branch at, Action<JobCall> run, Func<SettingChange, bool, bool> change)
    {
        var whole = description.ToObject<Whole>() ?? throw new JsonException("it describes nothing");
        var rows = whole.RowNames.Select(at.Rows).ToArray();
        foreach (var leaf in whole.Leaves)
        {
            var place = leaf.Rows < 0 ? at : rows[leaf.Rows].Each;
            switch (leaf.Kind)
            {
                case LeafKind.Parameter: place.Parameter(leaf.Name, leaf.Specs, leaf.Summary, leaf.Traits); break;
                case LeafKind.Command: place.Command(leaf.Name, leaf.Summary, leaf.Traits, leaf.Specs); break;
                case LeafKind.Setting: place.Setting(leaf.Name, leaf.Specs[0], leaf.Summary, c => change(c, leaf.Specs[0].Kind == SpecKind.Text), leaf.Traits); break;
                default: place.Job(leaf.Name, leaf.Specs, leaf.Summary, run, leaf.Traits); break;
            }
        }
        for (var r = 0; r < rows.Length; r++)
            for (var n = 0; n < whole.RowCounts[r]; n++) rows[r].Add();
        return ([.. whole.Ins.Select(p => at.AudioIn(p.Name, p.Lanes))], [.. whole.Outs.Select(p => at.AudioOut(p.Name, p.Lanes))],
            [.. whole.NoteIns.Select(at.NotesIn)], [.. whole.NoteOuts.Select(at.NotesOut)], whole.IsPersist, whole.IsCarry, whole.DataVersion);
    }
}
