namespace OscLooper.Reaper.Rpp;

/// <summary>A project, a template or an effect chain: any number of lines and blocks at the top. What is not edited is written byte for byte as it was read.</summary>
sealed class RppDocument
{
    /// <summary>Deepest nesting that is read; REAPER's own files stay below 20.</summary>
    public const int MaxDepth = 200;

    /// <summary>Most lines that are read, so that a file of empty blocks cannot take the memory.</summary>
    public const int MaxLines = 4_000_000;

    /// <summary>Lines and blocks at the top.</summary>
    public List<RppNode> Roots { get; } = [];

    /// <summary>Line end of built lines: as in the file that was read, else CRLF as REAPER writes on every system.</summary>
    public string LineEnd { get; init; } = "\r\n";

    /// <summary>The project block, or nothing (an effect chain has none).</summary>
    public RppBlock? Project => Roots.OfType<RppBlock>().FirstOrDefault(b => b.Open.Is("<REAPER_PROJECT"));

    /// <summary>Reads a file's bytes; the bytes must not change afterwards. Throws nothing but <see cref="RppError"/>.</summary>
    public static RppDocument Parse(ReadOnlyMemory<byte> file)
    {
        var span = file.Span;
        var firstEnd = span.IndexOf((byte)'\n');
        var document = new RppDocument { LineEnd = firstEnd < 0 || (firstEnd > 0 && span[firstEnd - 1] == '\r') ? "\r\n" : "\n" };
        var open = new Stack<(RppBlock Block, int Line)>();
        var number = 0;
        for (var at = 0; at < file.Length;)
        {
            var start = at;
            var first = SkipBlank(span, ref at);
            number += 1 + span[start..at].Count((byte)'\n');
            if (number > MaxLines) throw new RppError($"more than {MaxLines} lines", number);
            var end = span[at..].IndexOf((byte)'\n');
            at = end < 0 ? file.Length : at + end + 1;
            var line = RppLine.Read(file[start..at]);
            if (first == '<')
            {
                if (open.Count >= MaxDepth) throw new RppError($"blocks nested deeper than {MaxDepth}", number);
                var block = new RppBlock(line);
                Into(document, open).Add(block);
                open.Push((block, number));
            }
            else if (first == '>')
            {
                if (!open.TryPop(out var top)) throw new RppError("closes a block that was never opened", number);
                top.Block.Close = line;
            }
            else Into(document, open).Add(line);
        }
        if (open.TryPeek(out var unclosed)) throw new RppError($"block <{unclosed.Block.Name} is never closed", unclosed.Line);
        return document;
    }

    /// <summary>The whole file as bytes.</summary>
    public byte[] ToBytes()
    {
        var output = new MemoryStream();
        Write(output);
        return output.ToArray();
    }

    /// <summary>Writes the file.</summary>
    public void Write(Stream output)
    {
        var writer = new Writer(output, RppText.Utf8.GetBytes(LineEnd));
        foreach (var root in Roots) writer.Write(root, 0);
    }

    static readonly RppLine Closing = RppLine.Raw(">");

    sealed class Writer(Stream output, byte[] lineEnd)
    {
        // A file may end without a line end; what was added behind it still begins a line of its own.
        bool isOpen;

        public void Write(RppNode node, int depth)
        {
            if (node is RppLine line) { Write(line, depth); return; }
            var block = (RppBlock)node;
            Write(block.Open, depth);
            foreach (var child in block.Children) Write(child, depth + 1);
            Write(block.Close ?? Closing, depth);
        }

        void Write(RppLine line, int depth)
        {
            if (isOpen) output.Write(lineEnd);
            isOpen = false;
            if (!line.IsRead)
                for (var i = 0; i < depth; i++) output.Write("  "u8);
            output.Write(line.Bytes);
            if (!line.IsRead) output.Write(lineEnd);
            else isOpen = line.Bytes is not [.., (byte)'\n'];
        }
    }

    static List<RppNode> Into(RppDocument document, Stack<(RppBlock Block, int Line)> open) =>
        open.TryPeek(out var top) ? top.Block.Children : document.Roots;

    /// <summary>Steps over indentation and whole blank lines (they belong to the line that follows) and tells the first byte that means something.</summary>
    static byte SkipBlank(ReadOnlySpan<byte> span, ref int at)
    {
        // An editor may have put its mark before the first line.
        if (at == 0 && span.StartsWith(RppTokens.Mark)) at = RppTokens.Mark.Length;
        while (at < span.Length && RppTokens.IsBlank(span[at])) at++;
        return at < span.Length ? span[at] : (byte)0;
    }
}
