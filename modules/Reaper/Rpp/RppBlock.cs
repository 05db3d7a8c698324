namespace OscLooper.Reaper.Rpp;

/// <summary>A block: its opening line, what stands in it, and its closing line.</summary>
sealed class RppBlock(RppLine open, RppLine? close = null) : RppNode
{
    /// <summary>The line that begins with the sign and the block's name.</summary>
    public RppLine Open { get; } = open;

    /// <summary>The line with the closing sign, as read; none for a block that was built.</summary>
    public RppLine? Close { get; internal set; } = close;

    /// <summary>Lines and blocks in their order.</summary>
    public List<RppNode> Children { get; } = [];

    /// <summary>A new block with this name and tokens.</summary>
    public static RppBlock Of(string name, params ReadOnlySpan<object> tokens) => new(RppLine.Of("<" + name, tokens));

    /// <summary>The name, without the sign.</summary>
    public string Name => Open.Name is { Length: > 0 } n ? n[1..] : "";

    /// <summary>Adds a line of a name and tokens.</summary>
    public RppBlock Add(string name, params ReadOnlySpan<object> tokens)
    {
        Children.Add(RppLine.Of(name, tokens));
        return this;
    }

    /// <summary>Adds a finished line or block.</summary>
    public T Add<T>(T node) where T : RppNode
    {
        Children.Add(node);
        return node;
    }

    /// <summary>The first line with this name, or nothing.</summary>
    public RppLine? Line(string name)
    {
        foreach (var child in Children)
            if (child is RppLine line && line.Is(name)) return line;
        return null;
    }

    /// <summary>All lines with this name.</summary>
    public IEnumerable<RppLine> Lines(string name) => Children.OfType<RppLine>().Where(l => l.Is(name));

    /// <summary>The first block with this name, or nothing.</summary>
    public RppBlock? Block(string name) => Blocks(name).FirstOrDefault();

    /// <summary>All blocks with this name.</summary>
    public IEnumerable<RppBlock> Blocks(string name) => Children.OfType<RppBlock>().Where(b => b.Open.Is("<" + name));

    /// <summary>A string field: the block of its name wins over the line of its name (REAPER writes both when one line cannot hold it).</summary>
    public string? String(string name) => Block(name) is { } block ? block.BodyText() : Line(name)?.At(1);

    /// <summary>Adds a string field: a line, and a text block with the true value when a line cannot hold it.</summary>
    public RppBlock AddString(string name, string value)
    {
        if (!RppText.NeedsBlock(value)) return Add(name, value);
        var plain = RppText.WithPlainLineEnds(value);
        Add(name, plain.Length > 256 ? plain[..(char.IsHighSurrogate(plain[255]) ? 255 : 256)] : plain);
        Add(Of(name)).AddText(plain);
        return this;
    }

    /// <summary>Changes a string field that is there, or adds it.</summary>
    public void SetString(string name, string value)
    {
        var line = Line(name);
        Children.RemoveAll(c => c is RppBlock b && b.Open.Is("<" + name));
        if (line is null) { AddString(name, value); return; }
        var built = new RppBlock(Open);
        built.AddString(name, value);
        line.Set(1, ((RppLine)built.Children[0]).At(1) ?? "");
        if (built.Children.Count == 2) Children.Insert(Children.IndexOf(line) + 1, built.Children[1]);
    }

    /// <summary>Adds text, one line each, with the bar that keeps REAPER from reading it.</summary>
    public void AddText(string text)
    {
        foreach (var line in RppText.WithPlainLineEnds(text).Split('\n')) Children.Add(RppLine.Raw("|" + line));
    }

    /// <summary>The text of the lines with a bar, joined by \n.</summary>
    public string BodyText() =>
        string.Join('\n', Children.OfType<RppLine>().Select(l => l.Text).Where(t => t.StartsWith('|')).Select(t => t[1..]));

    /// <summary>Adds bytes as base64, 96 bytes in a line as REAPER writes it.</summary>
    public void AddBytes(ReadOnlySpan<byte> data)
    {
        do
        {
            var piece = data[..Math.Min(96, data.Length)];
            Children.Add(RppLine.Raw(Convert.ToBase64String(piece)));
            data = data[piece.Length..];
        }
        while (data.Length > 0);
    }

    /// <summary>The bytes of a base64 block; false when a line is not base64. Each line is whole in itself.</summary>
    public bool TryBytes(out byte[] data)
    {
        var all = new List<byte>();
        data = [];
        foreach (var line in Children.OfType<RppLine>())
        {
            var text = line.Text.Trim();
            var piece = new byte[text.Length];
            if (!Convert.TryFromBase64String(text, piece, out var count)) return false;
            all.AddRange(piece.AsSpan(0, count));
        }
        data = [.. all];
        return true;
    }
}
