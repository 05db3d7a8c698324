using System.Text;
using OscLooper.Osc;

namespace OscLooper.Server.Addressing;

// What a pattern reaches (addresses.md section 1). One that leaves the last part of the address open means values: without arguments it asks,
// with arguments it sets. One with wildcards in earlier parts reaches everything but what destroys or ends.
sealed partial class Dispatcher
{
    const int MaxNamed = 3;

    static bool IsReached(Declaration declaration, bool meansValues, bool isQuestion) =>
        meansValues ? declaration.IsState && (isQuestion || !declaration.IsReadOnly) : !declaration.IsDestructive;

    int FirstReached(in OscMessageView message)
    {
        var meansValues = OscPattern.LeavesLastPartOpen(message.AddressBytes);
        foreach (var target in space.Match(message.AddressBytes))
            if (IsReached(space.DeclarationOf(target)!, meansValues, message.Count == 0)) return target;
        return -1;
    }

    Wrong ActOnAll(Client client, in OscMessageView message, When when)
    {
        if (message.AddressBytes.Length > PatternCache.LongestPattern) return new(Reason.OutOfRange, $"a pattern of more than {PatternCache.LongestPattern} bytes");
        if (!MayTryPatterns) return new(Reason.Busy, "too many patterns in one packet");
        var targets = space.Match(message.AddressBytes);
        if (targets.IsEmpty) return new(Reason.NoSuchAddress, "the pattern matches nothing");

        var (meansValues, isQuestion) = (OscPattern.LeavesLastPartOpen(message.AddressBytes), message.Count == 0);
        var (reached, onMain) = (0, false);
        foreach (var target in targets)
        {
            var declaration = space.DeclarationOf(target)!;
            if (!IsReached(declaration, meansValues, isQuestion)) continue;
            reached++;
            onMain |= declaration.Kind is LeafKind.Job or LeafKind.Setting;
        }
        var notReached = meansValues ? default : OutOfReach(targets, reached);
        if (reached == 0) return meansValues ? NoValues(message.AddressBytes, targets) : notReached;

        // Jobs and settings may change the space (and what it remembers of patterns) while they run.
        if (onMain) targets = targets.ToArray();
        var (refused, first) = (notReached.Reason is null ? 0 : targets.Length - reached, notReached);
        // All that one message means acts on one frame, however many they are: it is handed over in one piece.
        var isCollecting = !onMain && !gate.IsCollecting;
        if (isCollecting) gate.Collect();
        foreach (var target in targets)
        {
            if (!space.IsAlive(target) || !IsReached(space.DeclarationOf(target)!, meansValues, isQuestion)) continue;
            var wrong = Act(client, message, target, when, reached);
            if (wrong.Reason is null) continue;
            if (refused++ == 0) first = wrong;
        }
        if (isCollecting) gate.Commit();
        if (refused == 0) return default;
        var all = meansValues ? reached : targets.Length;
        return new(first.Reason, refused == all ? first.Detail : $"{refused} of {all} that match{(first.Detail is null ? "" : ": " + first.Detail)}");
    }

    Wrong OutOfReach(ReadOnlySpan<int> targets, int reached) =>
        reached == targets.Length ? default : new(Reason.Refused, "acts by its full address only: " + Named(targets, isDestructive: true, default));

    Wrong NoValues(ReadOnlySpan<byte> pattern, ReadOnlySpan<int> targets)
    {
        foreach (var target in targets)
            if (space.DeclarationOf(target)!.IsState) return new(Reason.ReadOnly);
        return new(Reason.Refused, "name the action: " + Named(targets, isDestructive: false, pattern));
    }

    // The nearest forms that would act: patterns in the earlier parts stay, except where something is destroyed or levels are left open.
    string Named(ReadOnlySpan<int> targets, bool isDestructive, ReadOnlySpan<byte> pattern)
    {
        var start = pattern.IndexOf("//"u8) >= 0 ? "" : Encoding.UTF8.GetString(pattern[..(pattern.LastIndexOf((byte)'/') + 1)]);
        var (names, more) = (new List<string>(), 0);
        foreach (var target in targets)
        {
            var declaration = space.DeclarationOf(target)!;
            if (isDestructive && !declaration.IsDestructive) continue;
            if (names.Count == MaxNamed)
            {
                more++;
                continue;
            }
            var name = space.AddressOf(target);
            if (start.Length > 0 && !declaration.IsDestructive) name = start + name[(name.LastIndexOf('/') + 1)..];
            if (!names.Contains(name)) names.Add(name);
        }
        return string.Join(", ", names) + (more > 0 ? $" and {more} more" : "");
    }
}
