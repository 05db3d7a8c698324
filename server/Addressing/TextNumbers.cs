using System.Text;
using OscLooper.Osc;

namespace OscLooper.Server.Addressing;

/// <summary>
/// [main] Numbers that a human or a script has typed (score, pipe, command line): they are read as doubles and reach their leaf as exactly as
/// it can hold them: d for a leaf of 64 bits, f for all others and where no leaf is known.
/// </summary>
static class TextNumbers
{
    /// <summary>[main] The message as its leaf takes it.</summary>
    public static OscMessage For(AddressSpace space, OscMessage message)
    {
        if (!Array.Exists(message.Arguments, a => a.Tag == 'd')) return message;
        var specs = SpecsOf(space, message.Address);
        return new(message.Address, [.. message.Arguments.Select((value, i) => value.Tag == 'd' && !specs.Any(s => IsWide(s, i)) ? (float)value.Number : value)]);
    }

    static bool IsWide(IReadOnlyList<Spec> specs, int index) => index < specs.Count && specs[index] is { Kind: SpecKind.Number, Wide: true };

    static IReadOnlyList<Spec>[] SpecsOf(AddressSpace space, string address)
    {
        if (space.TryFind(address, out var leaf)) return [leaf.Declaration.Specs];
        var bytes = Encoding.UTF8.GetBytes(address);
        if (!OscPattern.HasWildcards(bytes)) return [];
        // Where leaves of both kinds match, the others take the nearest f of a d themselves.
        return [.. space.Match(bytes).ToArray().Select(target => space.DeclarationOf(target)!.Specs).Distinct()];
    }
}
