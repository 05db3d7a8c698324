namespace OscLooper.Tests.Server.Addressing;

/// <summary>A module with one leaf of every kind, for the dispatcher's tests. What it hears it counts.</summary>
[Module("odds", "One of everything.")]
sealed class OddsModule : Module
{
    readonly AudioOut output;
    readonly Parameter level, index, word, pair, counted, strange;
    readonly Command press, shift;
    readonly Errand ask;
    readonly Rows rows;
    double sum;

    public OddsModule(Branch at)
    {
        output = at.AudioOut("out", 1);
        level = at.Parameter("level", Spec.Range(0, 4, 1), "A level.");
        index = at.Parameter("index", Spec.Count(1, 8, 1), "An index.");
        word = at.Parameter("word", Spec.Choice("off", "auto", "on"), "A word.");
        pair = at.Parameter("pair", [Spec.Choice("idle", "busy"), Spec.Frames], "A word and a frame.", Traits.ReadOnly);
        counted = at.Parameter("counted", Spec.Range(0, 1e9, 0), "What was heard.", Traits.ReadOnly);
        strange = at.Parameter("strange", Spec.Range(0, 10, 0), "Refused above 5 by the audio side.", Traits.Managed);
        at.Gauge("peak", Spec.Peak, "A peak.");
        press = at.Command("press", "A button.");
        shift = at.Command("shift", "Two numbers.", Spec.Range(-10, 10, 0), Spec.Range(0, 1, 0).OrNothing());
        Title = at.Setting("title", Spec.Text.UpTo(1 << 17), "A text.", change =>
        {
            if (change.Text != "bad") return true;
            change.Refuse(Reason.Refused, "bad is bad");
            return false;
        });
        Volume = at.Setting("count", Spec.Count(0, 9), "A number on main.");
        at.Setting("depth", Spec.Range(0, 2, 1), "A number with a range on main.");
        Shown = at.Setting("shown", Spec.Text, "A text that only the module sets.", null, Traits.ReadOnly);
        at.Job("add", [Spec.Count(0, 100).Named("n"), Spec.Text.OrNothing()], "Does a job.", call =>
        {
            call.Reply(".item", 1, "one");
            call.Done(call.Number(0) + 0.5, call.Text(1));
        });
        at.Job("throw", [], "Throws.", _ => throw new InvalidOperationException("as asked"));
        ask = at.Job("ask", [Spec.Range(0, 10, 0).OrNothing()], "Asks the audio side.", call => call.Ask(call.Number(0), 0, e => call.Done(e.Frame, e.B)));
        at.Job("work", [], "Works on a worker.", call =>
        {
            var thread = 0;
            call.OnWorker(() => thread = Environment.CurrentManagedThreadId, () => call.Done(thread));
        });
        at.Job("grow", [], "A row more.", call => call.Done(Rows.Add() + 1));
        at.Job("shrink", [Spec.Count(1, 8192)], "A row less.", call =>
        {
            Rows.Remove((int)call.Number(0) - 1);
            call.Done();
        });
        rows = at.Rows("row");
        var row = rows.Each;
        Volumes = row.Parameter("volume", Spec.Range(0, 4, 1), "A volume.");
        row.Command("hit", "A button.");
        Desk = at.Desk;
    }

    public Errand Title { get; }
    public Errand Volume { get; }
    public Errand Shown { get; }
    public Parameter Volumes { get; }
    public Rows Rows => rows;
    public Desk Desk { get; }
    public List<(long Frame, EventKind Kind, int Leaf, double A, double B)> Heard { get; } = [];
    public Action? InProcess { get; set; }

    public override void Handle(in Event e)
    {
        Heard.Add((e.Frame, e.Kind, e.Leaf, e.A, e.B));
        if (e.Is(press)) counted.Set(++sum);
        if (e.Is(shift)) counted.Set(sum += e.A + e.B);
        if (e.Is(word)) pair.SetFor(e, e.A > 0 ? 1 : 0, e.Frame);
        if (e.Is(index)) _ = index.Value;
        if (e.Is(strange))
        {
            if (e.A > 5) audio?.Refuse(e, Reason.OutOfRange);
            else strange.SetFor(e, e.A);
        }
        if (e.Is(ask))
        {
            if (e.B > 5) audio?.Refuse(e, Reason.Failed);
            else audio?.Answer(e, level.Value);
        }
    }

    AudioSide? audio;
    public OddsModule Listening(Branch at)
    {
        audio = at.Audio;
        return this;
    }

    public override void Process(in Block block)
    {
        InProcess?.Invoke();
        block.Out(output, 0).Fill((float)level.Value);
    }
}
