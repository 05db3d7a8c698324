namespace OscLooper.Looper;

/// <content>[audio] In which order channels play: those that give boundaries to others come before them, else by number.</content>
public sealed unsafe partial class LooperModule
{
    readonly int[] order = new int[Rows.MaxRows], rowsByNumber = new int[Rows.MaxRows], atDepth = new int[Rows.MaxRows + 1];
    int orderCount;
    bool hasFollowers;

    // In time that grows with the channels only: a single command may give all of them another master.
    void SortChannels()
    {
        OrderChanged = hasFollowers = false;
        orderCount = 0;
        for (var row = 0; row < channels.Length; row++)
        {
            if (channels[row] is not { } channel) continue;
            (channel.HasFollowers, channel.Depth) = (false, -1);
            if (channel.Master is { IsLeaving: true }) channel.Master = null;
            rowsByNumber[orderCount++] = row;
        }
        Array.Clear(atDepth, 0, orderCount + 1);
        for (var i = 0; i < orderCount; i++)
        {
            var channel = channels[rowsByNumber[i]]!;
            atDepth[DepthOf(channel) + 1]++;
            if (channel.Master is { } master) hasFollowers = master.HasFollowers = true;
        }
        for (var depth = 1; depth <= orderCount; depth++) atDepth[depth] += atDepth[depth - 1];
        for (var i = 0; i < orderCount; i++) order[atDepth[channels[rowsByNumber[i]]!.Depth]++] = rowsByNumber[i];
    }

    // How many masters stand before it; what was found on the way is kept.
    static int DepthOf(Channel channel)
    {
        if (channel.Depth >= 0) return channel.Depth;
        var depth = 0;
        for (var master = channel.Master; master != null; master = master.Master)
        {
            depth++;
            if (master.Depth < 0) continue;
            depth += master.Depth;
            break;
        }
        for (var link = channel; link is { Depth: < 0 }; link = link.Master) link.Depth = depth--;
        return channel.Depth;
    }
}
