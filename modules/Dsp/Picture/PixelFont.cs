namespace OscLooper.Dsp;

/// <summary>A font of 5 by 7 dots. Each letter is seven rows from the top; each row is a base-32 digit whose five bits are the
/// dots from left to right.</summary>
static class PixelFont
{
    internal const int Width = 5, Height = 7, Advance = 6;

    const string Upper = "AEHHVHHH BUHHUHHU CEHGGGHE DUHHHHHU EVGGUGGV FVGGUGGG GEHGNHHF HHHHVHHH IE44444E J72222IC KHIKOKIH LGGGGGGV MHRLLHHH "
        + "NHHPLJHH OEHHHHHE PUHHUGGG QEHHHLID RUHHUKIH SFGGE11U TV444444 UHHHHHHE VHHHHHA4 WHHHLLLA XHHA4AHH YHHA4444 ZV1248GV";
    const string Lower = "a00E1FHF bGGMPHHU c00EGGHE d11DJHHF e00EHVGE f698S888 g0FHHF1E hGGMPHHH i40C444E j20622IC kGGIKOKI lC44444E m00QLLHH "
        + "n00MPHHH o00EHHHE p00UHUGG q00DJF11 r00MPGGG s00EGE1U t88S8896 u00HHHJD v00HHHA4 w00HHLLA x00HA4AH y00HHF1E z00V248V";
    const string Others = "0EHJLPHE 14C4444E 2EH1248V 3V2421HE 426AIV22 5VGU11HE 668GUHHE 7V124888 8EHHEHHE 9EHHF12C .00000CC ,0000C48 :0CC0CC0 "
        + "-000V000 +044V440 /01248G0 (2488842 )8422248 !4444004 ?EH12404 %OP248J3 '4480000 _000000V =00V0V00 #AAVAVAA *04LEL40 <248G842 >8421248 "
        + "[E88888E ]E22222E \"AAA0000 &CIK8LID |4444444";

    static readonly Dictionary<char, string> glyphs = $"{Upper} {Lower} {Others}".Split(' ').ToDictionary(glyph => glyph[0], glyph => glyph[1..]);

    internal static int Measure(string text, int scale) => Math.Max(0, text.Length * Advance - 1) * scale;

    /// <summary>True where the letter has a dot; an unknown letter is a box, a space has none.</summary>
    internal static bool Dot(char letter, int column, int row)
    {
        if (letter == ' ') return false;
        if (!glyphs.TryGetValue(letter, out var glyph)) return column is 0 or 4 || row is 0 or 6;
        var digit = glyph[row] <= '9' ? glyph[row] - '0' : glyph[row] - 'A' + 10;
        return (digit >> (4 - column) & 1) == 1;
    }
}
