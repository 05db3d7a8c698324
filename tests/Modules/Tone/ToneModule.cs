using System.Globalization;

namespace OscLooper.Tone;

/// <summary>[any] A healthy module for tests: a sine that does not depend on when it began, a note that is held, a count that only grows, a token for its successor.</summary>
[Module("tone", "A sine of 660 Hz, for tests.", OnlyWhenNamed = true)]
public sealed class ToneModule : Module, IPersist, ICarry, ILive, IBackground
{
    /// <summary>[any] How loud.</summary>
    public const double Amplitude = 0.1;
    const double Hertz = 660;

    readonly AudioOut output;
    readonly NotesOut notes;
    readonly Parameter level, blocks, work;
    readonly Errand made, token;
    readonly Desk desk;
    double rate = 48000;
    long count, worked;
    bool isHeld;

    /// <summary>[main] Declares.</summary>
    public ToneModule(Branch at)
    {
        desk = at.Desk;
        output = at.AudioOut("out", 1);
        notes = at.NotesOut("notes");
        level = at.Parameter("level", Spec.Range(0, 1, 1), "How loud.");
        blocks = at.Gauge("blocks", Spec.Range(0, 1e15, 0).In64Bits(), "Blocks played.");
        work = at.Gauge("work", Spec.Range(0, 1e15, 0).In64Bits(), "Work done behind the scenes.");
        made = at.Setting("made", Spec.Count(0, int.MaxValue), "How often it was made with what it remembered.", traits: Traits.ReadOnly);
        token = at.Setting("token", Spec.Text, "What its predecessor handed over.", traits: Traits.ReadOnly);
        at.Setting("word", Spec.Text, "Any word.");
    }

    /// <summary>[main, frozen] Takes the rate.</summary>
    public override void Prepare(AudioFormat format) => rate = format.Rate;

    /// <summary>[audio] One sine; a note is held as long as it plays.</summary>
    public override void Process(in Block block)
    {
        if (!isHeld) isHeld = block.Send(notes, block.Frame, NoteEvent.On, 60, 100);
        var to = block.Out(output, 0);
        for (var i = 0; i < block.Frames; i++) to[i] += (float)(level.Value * Amplitude * Math.Sin(2 * Math.PI * Hertz / rate * (block.Frame + i)));
        blocks.Put(blocks.Value + 1);
    }

    /// <summary>[worker] Counts.</summary>
    public void Work() => work.Put(++worked);

    /// <summary>[worker] Often.</summary>
    public double DueSeconds => 0.005;

    /// <summary>[worker] Always ready; another instance sends its note anew.</summary>
    public bool Unfreeze(out string reason)
    {
        (reason, isHeld) = ("", false);
        return true;
    }

    /// <summary>[worker] Nothing to let go of.</summary>
    public void Freeze() { }

    /// <summary>[worker] How often it was saved: it only grows.</summary>
    public void Save(DirectoryInfo folder) => File.WriteAllText(Path.Combine(folder.FullName, "count.txt"), (++count).ToString(CultureInfo.InvariantCulture));

    /// <summary>[worker] Goes on counting.</summary>
    public void Load(DirectoryInfo folder, int version)
    {
        count = long.Parse(File.ReadAllText(Path.Combine(folder.FullName, "count.txt")), CultureInfo.InvariantCulture);
        desk.Publish(made, -1, (int)count);
    }

    /// <summary>[worker] For the successor.</summary>
    public string? BeforeLoad() => $"after {count}";

    /// <summary>[worker] From the predecessor.</summary>
    public void AfterLoad(string? token) => desk.Publish(this.token, -1, token ?? "");
}
