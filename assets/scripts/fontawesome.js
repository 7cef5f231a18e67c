/* The style sheet draws every icon; this empty file stands for 1.5 MB of script that would draw them again. */
