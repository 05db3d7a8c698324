namespace OscLooper.Faults;

/// <summary>[any] What all faulty modules have: a number that grows while they play, and a word that is remembered.</summary>
public abstract class Faulty : Module
{
    readonly Parameter blocks;

    /// <summary>[main] Declares.</summary>
    protected Faulty(Branch at)
    {
        At = at;
        blocks = at.Gauge("blocks", Spec.Range(0, 1e15, 0).In64Bits(), "Blocks played.");
        at.Setting("word", Spec.Text, "Any word.");
    }

    /// <summary>[main] Where it declares.</summary>
    protected Branch At { get; }

    /// <summary>[audio] Counts.</summary>
    public override void Process(in Block block) => blocks.Put(blocks.Value + 1);
}

/// <summary>[any] Throws in its constructor.</summary>
[Module("f1", "Throws in its constructor.", OnlyWhenNamed = true)]
public sealed class F1 : Module
{
    /// <summary>[main] Throws.</summary>
    public F1(Branch at)
    {
        at.Setting("word", Spec.Text, "Any word.");
        throw new InvalidOperationException("F1 cannot be made");
    }
}

/// <summary>[any] Throws whenever it is unfrozen.</summary>
[Module("f2", "Throws in Unfreeze.", OnlyWhenNamed = true)]
public sealed class F2(Branch at) : Faulty(at), ILive
{
    /// <summary>[worker] Throws.</summary>
    public bool Unfreeze(out string reason) => throw new InvalidOperationException("F2 does not unfreeze");
    /// <summary>[worker] Nothing.</summary>
    public void Freeze() { }
}

/// <summary>[any] Throws when it is frozen.</summary>
[Module("f3", "Throws in Freeze.", OnlyWhenNamed = true)]
public sealed class F3(Branch at) : Faulty(at), ILive
{
    /// <summary>[worker] Ready.</summary>
    public bool Unfreeze(out string reason)
    {
        reason = "";
        return true;
    }

    /// <summary>[worker] Throws.</summary>
    public void Freeze() => throw new InvalidOperationException("F3 does not freeze");
}

/// <summary>[any] Saves once, then throws.</summary>
[Module("f4", "Throws in Save, but for the first time.", OnlyWhenNamed = true)]
public sealed class F4(Branch at) : Faulty(at), IPersist
{
    bool hasSaved;

    /// <summary>[worker] Throws, but for the first time.</summary>
    public void Save(DirectoryInfo folder)
    {
        if (hasSaved) throw new InvalidOperationException("F4 does not save");
        hasSaved = true;
        File.WriteAllText(Path.Combine(folder.FullName, "good.txt"), "the last good data");
    }

    /// <summary>[worker] Reads nothing.</summary>
    public void Load(DirectoryInfo folder, int version) { }
}

/// <summary>[any] Never comes back from Unfreeze.</summary>
[Module("f5", "An endless loop in Unfreeze.", OnlyWhenNamed = true)]
public sealed class F5(Branch at) : Faulty(at), ILive
{
    /// <summary>[worker] Does not return (it sleeps in between, so that the tests' machine has something left).</summary>
    public bool Unfreeze(out string reason)
    {
        while (true) Thread.Sleep(10);
    }

    /// <summary>[worker] Nothing.</summary>
    public void Freeze() { }
}

/// <summary>[any] Has a hundred megabytes to say.</summary>
[Module("f6", "Saves 100 MB.", OnlyWhenNamed = true)]
public sealed class F6(Branch at) : Faulty(at), IPersist
{
    /// <summary>[worker] A hundred megabytes.</summary>
    public void Save(DirectoryInfo folder)
    {
        using var file = File.Create(Path.Combine(folder.FullName, "much.bin"));
        var piece = new byte[1 << 20];
        for (var i = 0; i < 100; i++) file.Write(piece);
    }

    /// <summary>[worker] Reads nothing.</summary>
    public void Load(DirectoryInfo folder, int version) { }
}

/// <summary>[any] Does not take the data of its predecessor.</summary>
[Module("f7", "Throws in Load.", OnlyWhenNamed = true)]
public sealed class F7(Branch at) : Faulty(at), IPersist
{
    /// <summary>[worker] A little.</summary>
    public void Save(DirectoryInfo folder) => File.WriteAllText(Path.Combine(folder.FullName, "little.txt"), "a little");
    /// <summary>[worker] Throws.</summary>
    public void Load(DirectoryInfo folder, int version) => throw new InvalidOperationException("F7 does not take it");
}

/// <summary>[any] Stays known to the framework after it is gone.</summary>
[Module("f8", "Leaks a handler.", OnlyWhenNamed = true)]
public sealed class F8 : Faulty
{
    /// <summary>[main] Adds a handler that nobody takes away.</summary>
    public F8(Branch at) : base(at) => Console.CancelKeyPress += Heard;

    static void Heard(object? sender, ConsoleCancelEventArgs e) { }
}

/// <summary>[any] Says as much as it can, from a thread of its own.</summary>
[Module("f9", "Floods the server with messages.", OnlyWhenNamed = true)]
public sealed class F9(Branch at) : Faulty(at), ILive
{
    volatile bool ends;
    Thread? flood;

    /// <summary>[worker] Begins to flood: a thousand messages every millisecond.</summary>
    public bool Unfreeze(out string reason)
    {
        reason = "";
        if (flood is not null) return true;
        flood = new Thread(() =>
        {
            while (!ends)
            {
                for (var i = 0; i < 1000; i++) At.Desk.Send("/f9/word", "flood");
                Thread.Sleep(1);
            }
        }) { IsBackground = true };
        flood.Start();
        return true;
    }

    /// <summary>[worker] Ends it.</summary>
    public void Freeze()
    {
        ends = true;
        flood?.Join();
    }
}

/// <summary>[any] Plays well until it is told not to.</summary>
[Module("trip", "Throws in Handle or in Process when told.", OnlyWhenNamed = true)]
public sealed class Trip : Faulty
{
    readonly AudioOut output;
    readonly Command handle, process;
    bool isTripping;

    /// <summary>[main] Declares.</summary>
    public Trip(Branch at) : base(at)
    {
        output = at.AudioOut("out", 1);
        handle = at.Command("handle", "Throws in Handle.");
        process = at.Command("process", "Throws in the next Process.");
    }

    /// <summary>[audio] Throws when told.</summary>
    public override void Handle(in Event e)
    {
        if (e.Is(handle)) throw new InvalidOperationException("tripped in Handle");
        if (e.Is(process)) isTripping = true;
    }

    /// <summary>[audio] A constant sound, or a throw.</summary>
    public override void Process(in Block block)
    {
        base.Process(block);
        if (isTripping) throw new InvalidOperationException("tripped in Process");
        foreach (ref var sample in block.Out(output, 0)) sample += 0.25f;
    }
}

/// <summary>[any] Never comes back from Dispose.</summary>
[Module("stay", "Hangs in Dispose.", OnlyWhenNamed = true)]
public sealed class Stay(Branch at) : Faulty(at)
{
    /// <summary>[worker] Takes longer than anybody waits.</summary>
    public override void Dispose() => Thread.Sleep(20_000);
}

/// <summary>[any] Says what it remembers very slowly.</summary>
[Module("drip", "Saves a little at a time, for long.", OnlyWhenNamed = true)]
public sealed class Drip(Branch at) : Faulty(at), IPersist
{
    /// <summary>[worker] Writes a little every now and then.</summary>
    public void Save(DirectoryInfo folder)
    {
        for (var i = 0; i < 1000; i++)
        {
            File.AppendAllText(Path.Combine(folder.FullName, "drops.txt"), "a drop\n");
            Thread.Sleep(20);
        }
    }

    /// <summary>[worker] Reads nothing.</summary>
    public void Load(DirectoryInfo folder, int version) { }
}

/// <summary>[any] Has a name that no imp can have.</summary>
[Module("No Name/../x", "Must not be listed.", OnlyWhenNamed = true)]
public sealed class NoName(Branch at) : Faulty(at);

/// <summary>[any] A class in a class.</summary>
public static class Outer
{
    /// <summary>[any] Plays like any other.</summary>
    [Module("nested", "A class in a class.", OnlyWhenNamed = true)]
    public sealed class Nested(Branch at) : Faulty(at);
}
