namespace OscLooper.Dsp;

/// <summary>A picture being painted: red, green and blue bytes, row after row.</summary>
sealed class Canvas
{
    internal Canvas(int width, int height, uint background)
    {
        (Width, Height, Pixels) = (width, height, new byte[width * height * 3]);
        Fill(0, 0, width, height, background);
    }

    internal int Width { get; }

    internal int Height { get; }

    internal byte[] Pixels { get; }

    /// <summary>Paints a pixel over what is there; the colour is 0xRRGGBB.</summary>
    internal void Blend(int x, int y, uint colour, double opacity = 1)
    {
        if (x < 0 || y < 0 || x >= Width || y >= Height || !(opacity > 0)) return;
        opacity = Math.Min(1, opacity);
        var at = (y * Width + x) * 3;
        for (var channel = 0; channel < 3; channel++)
        {
            var wanted = (byte)(colour >> (16 - 8 * channel));
            Pixels[at + channel] = (byte)Math.Round(Pixels[at + channel] + (wanted - Pixels[at + channel]) * opacity);
        }
    }

    internal void Fill(int x, int y, int width, int height, uint colour, double opacity = 1)
    {
        for (var row = y; row < y + height; row++)
            for (var column = x; column < x + width; column++) Blend(column, row, colour, opacity);
    }

    /// <summary>A column one pixel wide between two heights that need not be whole: the end pixels are covered in part.</summary>
    internal void Column(int x, double top, double bottom, uint colour, double opacity = 1)
    {
        (top, bottom) = (Math.Clamp(top, 0, Height), Math.Clamp(bottom, 0, Height));
        for (var y = (int)top; y < bottom; y++)
            Blend(x, y, colour, opacity * (Math.Min(bottom, y + 1) - Math.Max(top, y)));
    }

    internal void Text(int x, int y, string text, uint colour, int scale = 2)
    {
        foreach (var letter in text)
        {
            for (var row = 0; row < PixelFont.Height; row++)
                for (var column = 0; column < PixelFont.Width; column++)
                    if (PixelFont.Dot(letter, column, row)) Fill(x + column * scale, y + row * scale, scale, scale, colour);
            x += PixelFont.Advance * scale;
        }
    }
}
