# SPDX-License-Identifier: MulanPSL-2.0
# Draws one chart from what chart.awk wrote.  Told on the command line: data
# and chart, the files; what, the title; blocks, the number of allocators.
set terminal svg size 1000,480 font 'sans,12' background 'white'
set output chart
set title what noenhanced
set ylabel 'times glibc, less is better'
set logscale y 2
set grid y
set key outside top horizontal
set xtics rotate by -40 noenhanced
set offsets 0.5, 0.5, 0, 0
set pointsize 0.8
set for [line=0:blocks-1] linetype line+1 linewidth 1.5
plot data index 0 using (floor($1 + 0.5)):(1):xtic(2) with lines \
       linecolor 'gray' notitle, \
     for [block=0:blocks-1] data index block using 1:3:4:5 \
       with yerrorbars pointtype block+4 title columnheader(1)
