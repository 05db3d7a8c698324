using OscLooper.Osc;
using OscLooper.Server.Describe;

namespace OscLooper.Server.Addressing;

/// <summary>[main] Checks the arguments of a message against a declaration.</summary>
static class Arguments
{
    /// <summary>[main] The numbers of a Parameter or Command; altered when they were pulled into range. Null, or why not. No allocation.</summary>
    public static Reason? Numbers(in OscMessageView message, Declaration declaration, out Cell cell, out bool altered)
    {
        cell = default;
        altered = false;
        var specs = declaration.Specs;
        var index = 0;
        foreach (var argument in message)
        {
            if (index >= specs.Count) return Reason.WrongType;
            var spec = specs[index];
            if (Number(argument, spec, out var number) is { } wrong) return wrong;
            var sent = number = Held(spec, number);
            if (spec.Accept(ref number) is { } reason) return reason;
            // A fader may overshoot; an action must not do something else than it was told to.
            if (!declaration.IsState && IsClipped(spec, sent, number)) return Reason.OutOfRange;
            altered |= sent != number;
            Put(ref cell, index++, number);
        }
        for (; index < specs.Count; index++)
        {
            if (!specs[index].Optional) return Reason.WrongType;
            Put(ref cell, index, specs[index].Initial);
        }
        return null;
    }

    /// <summary>[main] A number, or the index of a word.</summary>
    public static Reason? Number(OscArgument argument, Spec spec, out double number)
    {
        if (argument.TryNumber(out number)) return null;
        if (spec.Choices.Count == 0 || !argument.TryText(out var word)) return Reason.WrongType;
        number = ChoiceOf(spec, word);
        return number < 0 ? Reason.OutOfRange : null;
    }

    /// <summary>[main] Any arguments of a job. Null, or why not and where.</summary>
    public static Reason? Any(in OscMessageView message, Declaration declaration, out OscValue[] values, out string detail)
    {
        var specs = declaration.Specs;
        values = message.Count == 0 ? [] : new OscValue[message.Count];
        detail = "";
        // What is missing comes first: with it the message might mean something else.
        for (var i = message.Count; i < specs.Count; i++)
            if (!specs[i].Optional && specs[i].Kind != SpecKind.Rest)
                return Refuse(Reason.WrongType, $"{Which(i, specs[i])} is missing", out detail);
        var index = 0;
        foreach (var argument in message)
        {
            var spec = index < specs.Count ? specs[index] : specs.Count > 0 && specs[^1].Kind == SpecKind.Rest ? specs[^1] : null;
            if (spec is null) return Refuse(Reason.WrongType, $"{specs.Count} arguments at most", out detail);
            if (argument.TryText(out var text) && spec.TooLong(text.Length) is { } tooLong)
                return Refuse(Reason.OutOfRange, $"{Which(index, spec)} has {tooLong}", out detail);
            if (Check(argument, spec) is { } reason) return Refuse(reason, $"argument {index + 1} takes {AddressBook.Argument(spec, declaration)}", out detail);
            values[index++] = argument.ToValue();
        }
        return null;
    }

    static string Which(int index, Spec spec) => $"argument {index + 1}{(spec.Name.Length > 0 ? " (" + spec.Name + ")" : "")}";

    static Reason? Check(OscArgument argument, Spec spec)
    {
        switch (spec.Kind)
        {
            case SpecKind.Text: return argument.Tag is 's' or 'S' ? null : Reason.WrongType;
            case SpecKind.Blob: return argument.Tag == 'b' ? null : Reason.WrongType;
            case SpecKind.Rest: return null;
            default:
                if (Number(argument, spec, out var number) is { } wrong) return wrong;
                var sent = number;
                return spec.Accept(ref number) ?? (IsClipped(spec, sent, number) ? Reason.OutOfRange : null);
        }
    }

    // As exactly as the leaf can hold it, and as its answers show it: so what a client sends back is the same.
    static double Held(Spec spec, double number) => spec.Tag == 'f' && (float)number is var single && float.IsFinite(single) ? single : number;

    /// <summary>[main] It was pulled into the range, not only rounded.</summary>
    public static bool IsClipped(Spec spec, double sent, double taken) => taken != (spec.Whole ? Math.Round(sent, MidpointRounding.AwayFromZero) : sent);

    static Reason Refuse(Reason reason, string why, out string detail)
    {
        detail = why;
        return reason;
    }

    static void Put(ref Cell cell, int index, double number)
    {
        switch (index)
        {
            case 0: cell.A = number; break;
            case 1: cell.B = number; break;
            default: cell.C = number; break;
        }
    }

    // Without making a string of the word: choices are ASCII.
    static int ChoiceOf(Spec spec, ReadOnlySpan<byte> word)
    {
        for (var i = 0; i < spec.Choices.Count; i++)
            if (System.Text.Ascii.EqualsIgnoreCase(word, spec.Choices[i])) return i;
        return -1;
    }
}
