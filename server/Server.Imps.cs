using OscLooper.Osc;
using OscLooper.Server.Addressing;
using OscLooper.Server.Realm;
using OscLooper.Server.Realm.Isolation;
using OscLooper.Server.Realtime;

namespace OscLooper.Server;

// Imps come and go: their slots, their addresses, who may not be spoken to.
public sealed partial class Server
{
    const int MostSlots = 1 << (31 - Event.LeafBits);

    readonly (Reason Reason, string Detail)?[] deaf = new (Reason, string)?[MostSlots];
    readonly Queue<(int Slot, long FreeFrame)> resting = new();
    readonly List<int> unheard = [];
    int nextSlot;

    /// <summary>[main] How long a slot rests: no message may name a frame further ahead than 60 s, so after that nothing can come for whoever had it before.</summary>
    internal double RestSeconds { get; set; } = 61;

    /// <summary>[main] server, transport, audio and realm are imps, but nobody's modules.</summary>
    int OwnImps { get; set; }

    /// <summary>[main] A slot for a new imp.</summary>
    internal int TakeSlot()
    {
        if (resting.TryPeek(out var oldest) && Engine.Status.Frame >= oldest.FreeFrame) return resting.Dequeue().Slot;
        if (nextSlot < MostSlots) return nextSlot++;
        throw new InvalidOperationException($"{MostSlots} imps came and went within a minute");
    }

    /// <summary>[main] A slot is free once everything its imp said has been heard and nothing can come for it any more.</summary>
    internal void ReturnSlot(int slot) => unheard.Add(slot);

    // Called when the outbox has just been read to its end.
    internal void RetireSlots()
    {
        if (unheard.Count == 0 || Engine.Outbox.Count > 0) return;
        foreach (var slot in unheard) resting.Enqueue((slot, Engine.Status.Frame + (long)(RestSeconds * Format.Rate)));
        unheard.Clear();
    }

    /// <summary>[main] An imp's addresses appear.</summary>
    internal void Merge(ImpSlot imp, ImpSpace addresses)
    {
        Space.Merge(addresses);
        var place = imps.FindIndex(i => i.Slot > imp.Slot);
        imps.Insert(place < 0 ? imps.Count : place, imp);
    }

    /// <summary>[main] An imp's addresses go; what clients asked of it fails.</summary>
    internal void Unmerge(ImpSlot imp)
    {
        foreach (var call in clients.Values.SelectMany(c => c.Outstanding).Where(c => c.Target >> Event.LeafBits == imp.Slot).ToList())
            call.Fail(Reason.Failed, $"{imp.Tree.Name} was replaced or removed meanwhile");
        Tickets.Drop(imp.Slot);
        Space.Remove(imp.Slot);
        imps.Remove(imp);
        deaf[imp.Slot] = null;
    }

    /// <summary>[main] What an imp's addresses answer while it cannot act; null = it can.</summary>
    internal void MakeDeaf(int slot, (Reason Reason, string Detail)? why)
    {
        if (slot >= 0) deaf[slot] = why;
    }

    internal (Reason Reason, string Detail)? DeafnessOf(int target) => deaf[target >> Event.LeafBits];

    /// <summary>[main] An event for an imp's audio side: now, or before its first sample when it does not play yet.</summary>
    internal void Tell(Instance? one, in Event e)
    {
        if (one is { IsOnStage: false }) one.Firsts.Add(e);
        // What an imp asks its own audio side is answered though that stands still in another's code.
        else if (AudioHang.Length > 0 && e.Kind == EventKind.Ask && Engine.TryStandIn(e)) { }
        else Gate.Send(e);
    }

    internal void Tell(int target, in Event e) => Tell(Realm.Imps.FirstOrDefault(i => i.Slot == target >> Event.LeafBits)?.Now, e);

    /// <summary>[main] Gives a leaf the value it had.</summary>
    internal void Restore(Leaf leaf, object[] value, Instance one)
    {
        var declaration = leaf.Declaration;
        if (value.Length == 0) return;
        if (declaration.Kind == LeafKind.Setting && declaration.Specs[0].Kind != SpecKind.Number)
        {
            var text = Convert.ToString(value[0], System.Globalization.CultureInfo.InvariantCulture) ?? "";
            if (value[0] is byte[] || text != leaf.Text) Change(leaf, declaration, value[0] is byte[]? value[0] : text, text, 0);
            return;
        }
        Span<double> numbers = [leaf.Value.A, leaf.Value.B, leaf.Value.C];
        for (var i = 0; i < Math.Min(declaration.Specs.Count, value.Length); i++)
            if (NumberOf(declaration.Specs[i], value[i]) is { } number && declaration.Specs[i].Accept(ref number) is null) numbers[i] = number;
        var cell = new Cell { A = numbers[0], B = numbers[1], C = numbers[2] };
        if (cell.A == leaf.Value.A && cell.B == leaf.Value.B && cell.C == leaf.Value.C) return;
        if (declaration.Kind == LeafKind.Setting)
        {
            Change(leaf, declaration, cell.A, "", cell.A);
            return;
        }
        if (!one.IsOnStage && (declaration.Traits & Traits.Managed) == 0)
        {
            one.Slot.Tree.Audio.Cells[leaf.Number] = cell;
            Space.SetValue(leaf.Target, cell);
        }
        Tell(one, new Event(Timing.PlainFrame(Timing.UnixNow), leaf.Target, EventKind.Set, 0, cell.A, cell.B, cell.C));
    }

    /// <summary>[main] An imp in a process of its own says what a value is there.</summary>
    internal void HearApart(Instance one, OscMessage message)
    {
        if (!one.IsMerged || !Space.TryFind(message.Address, out var leaf) || leaf.Slot != one.Slot.Slot || !leaf.Declaration.IsState || message.Arguments.Length == 0) return;
        var declaration = leaf.Declaration;
        if (declaration.Specs[0].Kind != SpecKind.Number)
        {
            if (declaration.Kind == LeafKind.Setting && message.Arguments[0].Tag is 's') Keep(leaf.Target, message.Arguments[0].Text, 0);
            return;
        }
        Span<double> numbers = [0, 0, 0];
        for (var i = 0; i < Math.Min(declaration.Specs.Count, message.Arguments.Length); i++)
            numbers[i] = NumberOf(declaration.Specs[i], Wires.ToObject(message.Arguments[i])) ?? 0;
        var cell = new Cell { A = numbers[0], B = numbers[1], C = numbers[2] };
        if (double.IsNaN(cell.A + cell.B + cell.C)) return;
        if (declaration.Kind == LeafKind.Parameter && (declaration.IsReadOnly || (declaration.Traits & Traits.Managed) != 0)) one.Slot.Tree.Audio.Cells[leaf.Number] = cell;
        if (!declaration.IsSampled && (declaration.IsHappening || cell.A != leaf.Value.A || cell.B != leaf.Value.B || cell.C != leaf.Value.C)) Keep(leaf.Target, cell, 0, Timing.Frame);
    }

    void Change(Leaf leaf, Declaration declaration, object value, string text, double number)
    {
        try
        {
            var isTaken = true;
            if (declaration.Change is { } handler) CallOut(ImpOf(leaf.Target)?.Tree.Name ?? "", leaf.Slot, leaf.Address, () => isTaken = handler(new Change(this, null, leaf.Target, text, number, Timing.PlainFrame(Timing.UnixNow))));
            if (!isTaken) return;
            Keep(leaf.Target, value, 0);
        }
        catch (Exception trouble)
        {
            Log(LogLevel.Warning, $"{leaf.Address}: its value could not be restored: {trouble.Message}");
        }
    }

    static double? NumberOf(Spec spec, object value) => value switch
    {
        double d when spec.Tag == 'f' => (float)d,
        string word => spec.ChoiceOf(word) is var index and >= 0 ? index : null,
        byte[] => null,
        bool on => on ? 1 : 0,
        double or float or int or long when spec.PeakAsDecibels => null,
        IConvertible number => Convert.ToDouble(number, System.Globalization.CultureInfo.InvariantCulture),
        _ => null,
    };
}
