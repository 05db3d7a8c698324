using System.Globalization;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using OscLooper.Server.Addressing;

namespace OscLooper.Server.Describe;

/// <summary>[main] The reference of all addresses, written from their declarations: protocol/Addresses.md and addresses.json.</summary>
public static class AddressBook
{
    /// <summary>[main] One method: where, what, with which arguments.</summary>
    /// <param name="Address">Full address; N stands for the number of a repeated branch.</param>
    /// <param name="Declaration">What was declared.</param>
    public sealed record Entry(string Address, Declaration Declaration)
    {
        /// <summary>[any] The imp it belongs to.</summary>
        public string Imp => Address.Split('/')[1];
        /// <summary>[any] parameter, setting, command or job; "read only" state is called so.</summary>
        public string Kind => (Declaration.IsReadOnly ? "read only" : Declaration.Kind.ToString().ToLowerInvariant()) + (Declaration.IsDestructive ? ", full address only" : "");
    }

    /// <summary>[main] Every method of a server, each repeated branch once.</summary>
    public static IReadOnlyList<Entry> Of(Server server) =>
        [.. (from imp in server.Imps
             from declaration in imp.Tree.Declarations
             let path = declaration.Rows is { } rows ? $"{rows.Name}/N/{declaration.Name}" : declaration.Name
             select new Entry(General($"/{imp.Tree.Name}/{path}"), declaration)).DistinctBy(e => e.Address)];

    /// <summary>[main] An address as the book names it: what every imp has is written once.</summary>
    public static string General(string address) => address.Split('/') is ["", "realm", "imp", _, var what] ? $"/realm/imp/NAME/{what}" : address;

    /// <summary>[main] The book for people.</summary>
    public static string Markdown(IReadOnlyList<Entry> entries)
    {
        var text = new StringBuilder();
        text.Append("# Addresses\n\nWritten from the declarations in code; a test fails when it is stale. To write it anew: `OSCLOOPER_WRITE_BOOK=1 dotnet test tests/OscLooper.Tests --filter AddressBook`.\n");
        text.Append("`N` is a number from 1, `NAME` an imp's name. Kinds: a *parameter* and a *command* act on their exact frame, a *setting* and a *job* on the main side; ");
        text.Append("*read only* state can be asked for and subscribed. A state address without arguments is a question. ");
        text.Append("What destroys or ends something acts by its *full address only*: no pattern reaches it. ");
        text.Append("A *job* answers `/done` or `/fail` unless its sentence says otherwise.\n");
        foreach (var imp in entries.GroupBy(e => e.Imp))
        {
            text.Append($"\n## /{imp.Key}\n\n| address | kind | arguments | meaning |\n|---|---|---|---|\n");
            foreach (var entry in imp)
                text.Append($"| {entry.Address} | {entry.Kind} | {Cell(Arguments(entry.Declaration))} | {Cell(entry.Declaration.Summary)} |\n");
        }
        return text.ToString();
    }

    /// <summary>[main] What a method takes, in words: "beats: i 1..64 = 4, unit: ...".</summary>
    public static string Arguments(Declaration declaration) => string.Join(", ", declaration.Specs.Select(s => Argument(s, declaration)));

    /// <summary>[main] The book for programs.</summary>
    public static string Json(IReadOnlyList<Entry> entries)
    {
        var all = new JArray(entries.Select(entry => new JObject
        {
            ["address"] = entry.Address,
            ["kind"] = entry.Declaration.Kind.ToString().ToLowerInvariant(),
            ["read_only"] = entry.Declaration.IsReadOnly,
            ["sampled"] = entry.Declaration.IsSampled,
            ["full_address_only"] = entry.Declaration.IsDestructive,
            ["happening"] = entry.Declaration.IsHappening,
            ["type"] = string.Concat(entry.Declaration.Specs.Select(s => s.Tag)),
            ["arguments"] = new JArray(entry.Declaration.Specs.Select(s => Described(s, entry.Declaration))),
            ["meaning"] = entry.Declaration.Summary,
        }));
        return all.ToString(Formatting.Indented).ReplaceLineEndings("\n") + "\n";
    }

    static JObject Described(Spec spec, Declaration declaration)
    {
        var described = new JObject { ["type"] = spec.Tag.ToString() };
        if (spec.Name.Length > 0) described["name"] = spec.Name;
        if (spec.Optional) described["optional"] = true;
        if (spec.Choices.Count > 0)
        {
            described["values"] = new JArray(spec.Choices);
            described["default"] = spec.Choices[(int)spec.Initial];
        }
        else if (spec.Kind == SpecKind.Number)
        {
            if (double.IsFinite(spec.Min)) described["min"] = Number(spec, spec.Min);
            if (double.IsFinite(spec.Max)) described["max"] = Number(spec, spec.Max);
            described["default"] = Number(spec, spec.Initial);
            described["out_of_range"] = spec.Strict || !declaration.IsState ? "refused" : "clipped";
        }
        else if (spec.Kind == SpecKind.Text) described["default"] = spec.InitialText;
        if (spec.Kind is SpecKind.Text or SpecKind.Rest) described["most_bytes"] = spec.MostBytes;
        if (spec.Unit.Length > 0) described["unit"] = spec.Unit;
        return described;
    }

    static JToken Number(Spec spec, double number) => spec.Whole ? new JValue((long)number) : new JValue(number);

    /// <summary>[main] One of them.</summary>
    public static string Argument(Spec spec, Declaration declaration)
    {
        var text = spec.Kind switch
        {
            SpecKind.Rest => spec.MostBytes == Spec.LongestMessage ? "..." : $"... up to {spec.MostBytes} bytes each",
            _ when spec.Choices.Count > 0 => string.Join(" | ", spec.Choices),
            SpecKind.Number => $"{spec.Tag}{Range(spec)}",
            SpecKind.Text when spec.MostBytes != Spec.LongestText && !declaration.IsReadOnly => $"{spec.Tag} up to {spec.MostBytes} bytes",
            _ => spec.Tag.ToString(),
        };
        if (spec.Name.Length > 0) text = $"{spec.Name}: {text}";
        if (spec.Unit.Length > 0) text += $" {spec.Unit}";
        if (declaration.IsState && !declaration.IsReadOnly) text += Default(spec);
        return spec.Optional ? $"[{text}]" : text;
    }

    // A bound that only the type sets is none that a reader has to know.
    static string Range(Spec spec) => (spec.Min > double.MinValue, spec.Max < double.MaxValue) switch
    {
        _ when spec.Wide && spec.Whole => "",
        (true, true) => $" {Text(spec.Min)}..{Text(spec.Max)}",
        (true, false) => $" from {Text(spec.Min)}",
        (false, true) => $" up to {Text(spec.Max)}",
        _ => "",
    };

    static string Default(Spec spec) => spec switch
    {
        { Choices.Count: > 0 } => $" = {spec.Choices[(int)spec.Initial]}",
        { Kind: SpecKind.Number } => $" = {Text(spec.Initial)}",
        { InitialText.Length: > 0 } => $" = {spec.InitialText}",
        _ => "",
    };

    static string Text(double number) => number.ToString("0.######", CultureInfo.InvariantCulture);

    static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace('\n', ' ');
}
